import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { replyWith } from '../../../dns/plugins/reply.ts';
import { decodeMessage } from '../../../dns/wire/index.ts';
import { anyMessage } from '../arbitrary.ts';
import { encodeMessage } from '../../../dns/wire/index.ts';
import { formatAnswer } from '../format.ts';
import { bundle, slice } from '../objects.ts';
import { encodeQuery, ServerWithoutSockets } from '../server-without-sockets.ts';

const web = 'web.shop.svc.cluster.local';
const many = bundle('shop/many', { clusterIP: 'None' }, [
  slice(
    'shop/many-1',
    Array.from({ length: 1000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`),
  ),
]);
const server = new ServerWithoutSockets((query) => {
  if (query.lower[0] === 'fault') throw new TypeError('a fault');
  if (query.lower[0] === 'unwritable') {
    const name = ['a'.repeat(64)];
    const data = { kind: 'Target', target: name } as const;
    return replyWith('outside', { answers: [{ name, type: 5, class: 1, ttlSec: 1, data }] });
  }
  if (query.lower[0] === 'slow-fault') return Promise.reject(new TypeError('a fault'));
  return replyWith('outside', { rcode: 5 });
}).load([bundle('shop/web', { clusterIP: '10.96.0.1' }), many]);

const query = encodeQuery(web, 'A');
const withHeader = (hex: string, rest: Buffer = query.subarray(12)): Buffer =>
  Buffer.concat([Buffer.from(hex.replaceAll(' ', ''), 'hex'), rest]);

const duties: readonly (readonly [why: string, request: Buffer, reply: string | undefined])[] = [
  ['fewer than 12 octets', query.subarray(0, 11), undefined],
  ['a response', withHeader('0001 8100 0001 0000 0000 0000'), undefined],
  ['STATUS', withHeader('0001 1100 0001 0000 0000 0000'), '000191040000000000000000'],
  ['UPDATE', withHeader('0001 2800 0001 0000 0000 0000'), '0001a8040000000000000000'],
  ['no question', withHeader('0001 0100 0000 0000 0000 0000'), '000181010000000000000000'],
  ['two questions', withHeader('0001 0100 0002 0000 0000 0000'), '000181010000000000000000'],
  ['two answers', withHeader('0001 0100 0001 0002 0000 0000'), '000181010000000000000000'],
  ['two authorities', withHeader('0001 0100 0001 0000 0002 0000'), '000181010000000000000000'],
  ['three additionals', withHeader('0001 0100 0001 0000 0000 0003'), '000181010000000000000000'],
  ['counts that lie', withHeader('0001 0100 0001 0000 0000 0001'), '000181010000000000000000'],
  [
    'a header alone',
    withHeader('0001 0100 0001 0000 0000 0000', Buffer.alloc(0)),
    '000181010000000000000000',
  ],
];
for (const [why, request, reply] of duties) {
  test(`${why}: ${reply ?? 'silence'}`, async () => {
    equal((await server.askOctets(request))?.toString('hex'), reply);
  });
}

test('the question comes back bit for bit', async () => {
  const request = encodeQuery('wEb.sHOP.svc.CLUSTER.local', 'A');
  const response = await server.askOctets(request);
  equal(response?.toString('latin1').includes(request.subarray(12).toString('latin1')), true);
});

test('NOTIFY is refused, as there is no secondary', async () => {
  const response = await server.askOctets(withHeader('0001 2400 0001 0000 0000 0000'));
  ok(response);
  deepEqual([response.readUInt16BE(2) & 0x7800, response.readUInt16BE(2) & 0xf], [0x2000, 5]);
});

test('another class is not ours to answer', async () => {
  equal((await server.ask(web, 'TXT', { class: 3 })).rcode, 5);
});

test('OPT: only for those who sent one, our own size, DO copied, options not echoed', async () => {
  equal((await server.ask(web, 'A')).edns, undefined);
  // Of those for experiments (RFC 6891 §9), so that nobody knows it.
  const unknown = { code: 65_001, octets: Buffer.alloc(8) };
  const { edns } = await server.ask(web, 'A', { edns: { dnssecOk: true, options: [unknown] } });
  deepEqual(edns, { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] });
});

test('another EDNS version is BADVERS without records', async () => {
  const message = await server.ask(web, 'A', { edns: { version: 1 } });
  deepEqual(formatAnswer(message), { rcode: 'BADVERS', flags: 'rd' });
  equal(message.edns?.version, 0);
});

const sizes: readonly (readonly [asked: number | undefined, limit: number])[] = [
  [undefined, 512],
  [0, 512],
  [700, 700],
  [4096, 1232],
];
for (const [asked, limit] of sizes) {
  test(`over UDP with ${asked ?? 'no'} OPT size, at most ${limit} octets`, async () => {
    const edns = asked === undefined ? {} : { edns: { udpPayloadSize: asked } };
    const request = encodeQuery('many.shop.svc.cluster.local', 'A', edns);
    const response = await server.askOctets(request);
    ok(response && response.length <= limit && response.length > limit - 16, `${response?.length}`);
    const message = decodeMessage(response);
    equal(message.truncated, true);
    ok(message.answers.length > 0);
  });
}

test('over TCP a thousand endpoints come whole', async () => {
  const message = await server.ask('many.shop.svc.cluster.local', 'A', { transport: 'tcp' });
  equal(message.answers.length, 1000);
  equal(message.truncated, false);
});

for (const name of ['fault.example', 'slow-fault.example', 'unwritable.example']) {
  test(`a fault in a plugin is SERVFAIL and counted: ${name}`, async () => {
    const before = server.meter.values.get('coredns_panics_total') ?? 0;
    equal((await server.ask(name, 'A')).rcode, 2);
    equal(server.meter.values.get('coredns_panics_total'), before + 1);
  });
}

test('metrics under the names that dashboards read', async () => {
  const fresh = new ServerWithoutSockets().load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  await fresh.ask(web, 'A');
  await fresh.ask(web, 'AAAA', { transport: 'tcp', edns: { dnssecOk: true } });
  await fresh.askOctets(encodeQuery(web, 'RRSIG'));
  await fresh.askOctets(duties[4]?.[1] ?? query);
  const where = 'server="dns://127.0.0.1:1053"';
  const count = (series: string): number | undefined => fresh.meter.values.get(series);
  equal(
    count(`coredns_dns_requests_total{family="1",proto="udp",${where},type="A",view="",zone="."}`),
    1,
  );
  equal(
    count(
      `coredns_dns_responses_total{plugin="kubernetes",rcode="NOERROR",${where},view="",zone="."}`,
    ),
    3,
  );
  equal(
    count(`coredns_dns_responses_total{plugin="",rcode="FORMERR",${where},view="",zone="dropped"}`),
    1,
  );
  equal(count(`coredns_dns_do_requests_total{${where},view="",zone="."}`), 1);
  equal(
    fresh.meter.observations.get(`coredns_dns_request_duration_seconds{${where},view="",zone="."}`)
      ?.length,
    3,
  );
});

test('whatever comes, the reply is a reply of allowed size, and responses get none', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyMessage,
      fc.array(fc.nat(255), { maxLength: 3 }),
      async (message, noise) => {
        const request = encodeMessage(message);
        for (const [i, value] of noise.entries())
          request[(i * 7919 + value) % request.length] = value;
        const response = await server.askOctets(request);
        if ((request[2] ?? 0) >= 0x80) equal(response, undefined);
        if (!response) return;
        ok(response.length <= 1232);
        equal(response.readUInt16BE(0), request.readUInt16BE(0));
        equal(decodeMessage(response).response, true);
      },
    ),
    { numRuns: 500, seed: 1 },
  );
});
