import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { batches } from '../../../../dns/plugins/transfer/batches.ts';
import { parseRecord } from '../../../../dns/zonefile/index.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { formatRecord } from '../../format.ts';
import { bundle, slice } from '../../objects.ts';

const folder = mkdtempSync(join(tmpdir(), 'portolan-transfer-'));
after(() => rmSync(folder, { recursive: true }));

const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1', ports: [{ name: 'http', port: 80 }] }),
  bundle('shop/db', { clusterIP: 'None' }, [
    slice(
      'shop/db-1',
      [{ addresses: ['10.0.0.1'], hostname: 'db-0' }],
      [{ name: 'sql', port: 5432 }],
    ),
  ]),
  bundle('shop/out', { type: 'ExternalName', externalName: 'x.org' }),
];

const start = (options: string): Promise<CorefileServer> =>
  CorefileServer.start(`cluster.local {\n kubernetes\n transfer {\n  ${options}\n }\n}`);

test('transfer: AXFR of the cluster domain: SOA, NS, Services by name, SOA', async () => {
  await using server = await start('to *');
  server.load(services);
  const [only, ...more] = await server.messages('cluster.local', 'AXFR');
  deepEqual(more, []);
  const soa =
    'cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. 1767225600 7200 1800 86400 5';
  deepEqual(only?.answers.map(formatRecord), [
    soa,
    'cluster.local. 5 NS ns.dns.cluster.local.',
    'db.shop.svc.cluster.local. 5 A 10.0.0.1',
    'db-0.db.shop.svc.cluster.local. 5 A 10.0.0.1',
    '_sql._tcp.db.shop.svc.cluster.local. 5 SRV 0 100 5432 db-0.db.shop.svc.cluster.local.',
    'out.shop.svc.cluster.local. 5 CNAME x.org.',
    'web.shop.svc.cluster.local. 5 A 10.96.0.1',
    'web.shop.svc.cluster.local. 5 SRV 0 100 80 web.shop.svc.cluster.local.',
    '_http._tcp.web.shop.svc.cluster.local. 5 SRV 0 100 80 web.shop.svc.cluster.local.',
    soa,
  ]);
});

test('transfer: before the first table, over UDP, over HTTPS and to others: no zone', async () => {
  await using server = await start('to 192.0.2.0/24 198.51.100.1');
  equal((await server.messages('cluster.local', 'AXFR', { from: '192.0.2.7' }))[0]?.rcode, 5);
  server.load(services);
  const rcode = async (from: string, transport: 'tcp' | 'udp' | 'https'): Promise<unknown> =>
    (await server.messages('cluster.local', 'AXFR', { from, transport }))[0]?.rcode;
  equal(await rcode('192.0.2.7', 'tcp'), 0);
  equal(await rcode('198.51.100.1', 'tcp'), 0);
  equal(await rcode('198.51.100.2', 'tcp'), 5);
  equal(await rcode('192.0.2.7', 'udp'), 1);
  equal(await rcode('192.0.2.7', 'https'), 5);
  // A name in the zone is no zone.
  equal((await server.messages('svc.cluster.local', 'AXFR', { from: '192.0.2.7' }))[0]?.rcode, 5);
});

test('transfer: a zone of many records is as many messages as it takes', async () => {
  await using server = await start('to *');
  const many = Array.from({ length: 5000 }, (_, i) =>
    bundle(`shop/service-${i}`, { clusterIP: `10.97.${i >> 8}.${i & 255}` }),
  );
  server.load(many);
  const messages = await server.messages('cluster.local', 'AXFR');
  ok(messages.length > 3);
  const records = messages.flatMap(({ answers }) => answers);
  equal(records.filter(({ type }) => type === 1).length, 5000);
  equal(records[0]?.type, 6);
  equal(records.at(-1)?.type, 6);
});

test('transfer: IXFR gives the SOA to who is current and over UDP, else the zone', async () => {
  await using server = await start('to *');
  server.load(services);
  equal(
    (await server.messages('cluster.local', 'IXFR', { transport: 'udp' }))[0]?.answers.length,
    1,
  );
  ok(((await server.messages('cluster.local', 'IXFR'))[0]?.answers.length ?? 0) > 5);
  const serial = (value: number) =>
    parseRecord(`cluster.local. 5 IN SOA ns. host. ${value} 1 1 1 1`);
  const ask = async (value: number): Promise<number | undefined> =>
    (await server.messages('cluster.local', 'IXFR', { authorities: [serial(value)] }))[0]?.answers
      .length;
  equal(await ask(1_767_225_600), 1);
  ok(((await ask(1_767_225_599)) ?? 0) > 5);
});

test('transfer: zones of files; source; NOTIFY when the serial is new', async () => {
  const path = join(folder, 'z.org');
  writeFileSync(path, '@ 60 SOA ns host 7 1 1 1 60\n@ NS ns\nns A 192.0.2.53\n');
  const notified: (number | undefined)[] = [];
  await using server = await CorefileServer.start(
    `z.org {\n file ${path}\n transfer {\n  to 192.0.2.9\n  source 127.0.0.1\n }\n}`,
    (request, to) => {
      equal(to, '192.0.2.9');
      equal(request.opcode, 4);
      const [soa] = request.answers;
      notified.push(soa?.data.kind === 'SOA' ? soa.data.serial : undefined);
      return { answers: [] };
    },
  );
  const [reply] = await server.messages('z.org', 'AXFR', { from: '192.0.2.9' });
  deepEqual(reply?.answers.map(formatRecord), [
    'z.org. 60 SOA ns.z.org. host.z.org. 7 1 1 1 60',
    'z.org. 60 NS ns.z.org.',
    'ns.z.org. 60 A 192.0.2.53',
    'z.org. 60 SOA ns.z.org. host.z.org. 7 1 1 1 60',
  ]);
  await server.clock.advanceAsync(20_000, 5000);
  deepEqual(notified, [7]);
});

test('batches: every record once, in order', () => {
  const records = Array.from({ length: 300 }, (_, i) =>
    parseRecord(`n${i}.org. 60 IN TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}"`),
  );
  const found = batches(records);
  ok(found.length > 2);
  deepEqual(found.flat(), records);
});
