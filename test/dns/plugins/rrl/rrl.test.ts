import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { Limiter } from '../../../../dns/plugins/rrl/limiter.ts';
import { decodeMessage, type recordType } from '../../../../dns/wire/index.ts';
import { CorefileServer } from '../../corefile-server.ts';
import { bundle, slice } from '../../objects.ts';
import { type AskOptions, encodeQuery } from '../../server-without-sockets.ts';

const many = Array.from({ length: 60 }, (_, i) => `10.1.0.${i}`);
const services = [
  bundle('shop/web', { clusterIP: '10.96.0.1' }),
  bundle('shop/many', { clusterIP: 'None' }, [slice('shop/many-1', many)]),
];

async function start(options: string): Promise<CorefileServer> {
  const server = await CorefileServer.start(
    `. {\n rrl {\n  ${options}\n }\n kubernetes cluster.local\n whoami\n}`,
  );
  return server.load(services);
}

const web = 'web.shop.svc.cluster.local';

/** How many of `count` queries were answered, truncated, or not at all. */
async function outcome(
  server: CorefileServer,
  count: number,
  name: (i: number) => string = () => web,
  options: Parameters<CorefileServer['message']>[2] = {},
): Promise<{ whole: number; cut: number; silent: number }> {
  const found = { whole: 0, cut: 0, silent: 0 };
  for (let i = 0; i < count; i += 1) {
    const reply = await server.message(name(i), 'A', options);
    if (!reply) found.silent += 1;
    else if (reply.truncated) found.cut += 1;
    else found.whole += 1;
  }
  return found;
}

const cases: readonly (readonly [
  why: string,
  options: string,
  name: (i: number) => string,
  whole: number,
  cut: number,
])[] = [
  ['responses-per-second', 'responses-per-second 5', () => web, 5, 10],
  ['slip-ratio 0: silence', 'responses-per-second 5\n  slip-ratio 0', () => web, 5, 0],
  ['slip-ratio 1: each is truncated', 'responses-per-second 5\n  slip-ratio 1', () => web, 5, 20],
  ['report-only', 'responses-per-second 5\n  report-only', () => web, 25, 0],
  [
    'nxdomains-per-second: one account for the zone',
    'nxdomains-per-second 3\n  slip-ratio 0',
    (i) => `n${i}.cluster.local`,
    3,
    0,
  ],
  [
    'nodata-per-second',
    'nodata-per-second 4\n  slip-ratio 0',
    () => 'shop.svc.cluster.local',
    4,
    0,
  ],
  [
    'requests-per-second',
    'requests-per-second 7\n  slip-ratio 0',
    (i) => (i % 2 ? web : 'svc.cluster.local'),
    7,
    0,
  ],
  [
    'other kinds are not limited',
    'errors-per-second 1\n  referrals-per-second 1\n  nodata-per-second 0',
    () => web,
    25,
    0,
  ],
];
for (const [why, options, name, whole, cut] of cases) {
  test(`rrl: ${why}`, async () => {
    await using server = await start(options);
    const found = await outcome(server, 25, name);
    equal(found.whole, whole);
    equal(found.cut, cut);
  });
}

test('rrl: ipv4-prefix-length and ipv6-prefix-length say who shares an account', async () => {
  await using server = await start(
    'responses-per-second 5\n  slip-ratio 0\n  ipv4-prefix-length 24\n  ipv6-prefix-length 56',
  );
  const whole = async (from: string): Promise<number> =>
    (await outcome(server, 5, undefined, { from })).whole;
  equal(await whole('192.0.2.1'), 5);
  equal(await whole('192.0.2.200'), 0);
  equal(await whole('192.0.3.1'), 5);
  equal(await whole('2001:db8::1'), 5);
  equal(await whole('2001:db8:0:ff::1'), 0);
  equal(await whole('2001:db8:0:100::1'), 5);
});

test('rrl: window: who overdrew waits; TCP and a valid cookie are never limited', async () => {
  await using server = await start('responses-per-second 5\n  window 2\n  slip-ratio 0');
  equal((await outcome(server, 50)).whole, 5);
  server.clock.advance(1900);
  equal((await outcome(server, 1)).whole, 0);
  equal((await outcome(server, 20, undefined, { transport: 'tcp' })).whole, 20);
  const client = { code: 10, octets: Buffer.from('0102030405060708', 'hex') };
  const first = await server.message(web, 'A', { transport: 'tcp', edns: { options: [client] } });
  const options = first?.edns?.options ?? [];
  equal((await outcome(server, 20, undefined, { edns: { options } })).whole, 20);
  server.clock.advance(10_000);
  equal((await outcome(server, 5)).whole, 5);
});

test('rrl: max-table-size bounds what strangers make us hold', () => {
  const perSecond = { response: 1, nodata: 1, nxdomain: 1, referral: 1, error: 1 };
  const limiter = new Limiter({
    windowMs: 1000,
    ipv4PrefixLength: 32,
    ipv6PrefixLength: 128,
    perSecond,
    requestsPerSecond: 0,
    maxTableSize: 10,
  });
  for (let i = 0; i < 100; i += 1) limiter.allows('response', `10.0.0.${i}`, 'x', 0);
  equal(limiter.size, 10);
});

const shapes: readonly (readonly [
  name: string,
  type: keyof typeof recordType,
  options: AskOptions,
])[] = [
  ['many.shop.svc.cluster.local', 'A', {}],
  ['many.shop.svc.cluster.local', 'A', { edns: {} }],
  ['many.shop.svc.cluster.local', 'SRV', { edns: { udpPayloadSize: 65_535, dnssecOk: true } }],
  ['cluster.local', 'SOA', { edns: { options: [{ code: 10, octets: Buffer.alloc(8, 1) }] } }],
  ['.', 'ANY', { edns: { options: [{ code: 10, octets: Buffer.alloc(8, 1) }] } }],
  ['.', 'ANY', { edns: { options: [{ code: 3, octets: Buffer.alloc(0) }] } }],
  ['.', 'NS', {}],
];
for (const [name, type, options] of shapes) {
  test(`rrl: once limited, ${type} ${name} is never answered with more than 1.5 times the query`, async () => {
    await using server = await start('responses-per-second 1\n  slip-ratio 1');
    const query = encodeQuery(name, type, options);
    const client = { address: '192.0.2.1', port: 40_000 };
    let sent = 0;
    for (let i = 0; i < 10; i += 1) {
      const reply = await server.responder.respond(query, { transport: 'udp', client, family: 4 });
      if (i === 0 || !reply) continue;
      sent += 1;
      ok(reply.length <= 1.5 * query.length, `${reply.length} for ${query.length}`);
      const { truncated, rcode } = decodeMessage(reply);
      ok(truncated || rcode === 23);
    }
    equal(sent, 9);
  });
}
