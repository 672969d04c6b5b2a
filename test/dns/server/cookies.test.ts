import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Cookies } from '../../../dns/server/cookies.ts';
import { sipHash24 } from '../../../dns/server/siphash.ts';
import { decodeMessage, type EdnsOption, type Message } from '../../../dns/wire/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { encodeQuery, ServerWithoutSockets } from '../server-without-sockets.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const secret = hex('e5e973e5a6b2a43f48e7dc849e37bfcf');

test('SipHash-2-4: the vectors of its authors', () => {
  const key = Buffer.from(Array.from({ length: 16 }, (_, i) => i));
  for (const [length, expected] of [
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [8, '6224939a79f5f593'],
    [15, 'e545be4961ca29a1'],
  ] as const) {
    const message = Buffer.from(Array.from({ length }, (_, i) => i));
    equal(sipHash24(key, message).toString('hex'), expected);
  }
});

/** RFC 9018, Appendix A. */
const vectors: readonly (readonly [
  why: string,
  secret: string,
  nowSec: number,
  address: string,
  client: string,
  server: string,
])[] = [
  [
    'A.1',
    secret.toString('hex'),
    1_559_731_985,
    '198.51.100.100',
    '2464c4abcf10c957',
    '010000005cf79f111f8130c3eee29480',
  ],
  [
    'A.2',
    secret.toString('hex'),
    1_559_734_385,
    '198.51.100.100',
    '2464c4abcf10c957',
    '010000005cf7a871d4a564a1442aca77',
  ],
  [
    'A.4',
    'dd3bdf9344b678b185a6f5cb60fca715',
    1_559_741_817,
    '2001:db8:220:1:59de:d0f4:8769:82b8',
    '22681ab97d52c298',
    '010000005cf7c57926556bd0934c72f8',
  ],
];
for (const [why, key, nowSec, address, client, server] of vectors) {
  test(`RFC 9018 ${why}`, () => {
    const cookies = new Cookies(hex(key), new FakeClock(nowSec * 1000));
    equal(cookies.option(hex(client), address).octets.toString('hex'), client + server);
    const asked = { edns: { options: [{ code: 10, octets: hex(client + server) }] } };
    const judged = cookies.judge(asked as unknown as Message, address);
    deepEqual(judged, { kind: 'cookie', client: hex(client), verified: true });
    const elsewhere = cookies.judge(asked as unknown as Message, '192.0.2.1');
    deepEqual(elsewhere, { kind: 'cookie', client: hex(client), verified: false });
  });
}

test('a cookie that is too old, from the future, or of another version is not believed', () => {
  const clock = new FakeClock();
  const cookies = new Cookies(secret, clock);
  const { octets } = cookies.option(hex('2464c4abcf10c957'), '192.0.2.1');
  const verified = (given: Buffer): unknown => {
    const message = { edns: { options: [{ code: 10, octets: given }] } };
    const judged = cookies.judge(message as unknown as Message, '192.0.2.1');
    return judged.kind === 'cookie' && judged.verified;
  };
  equal(verified(octets), true);
  const other = Buffer.from(octets);
  other[8] = 2;
  equal(verified(other), false);
  clock.advance(3_600_000);
  equal(verified(octets), true);
  clock.advance(1000);
  equal(verified(octets), false);
});

const server = new ServerWithoutSockets().load([]);
const ask = async (options: readonly EdnsOption[]): Promise<Buffer | undefined> =>
  server.askOctets(encodeQuery('x.cluster.local', 'A', { edns: { options } }));

test('who sends a cookie gets it back with ours; who sends none gets none', async () => {
  const client = hex('0102030405060708');
  const reply = await ask([{ code: 10, octets: client }]);
  const [option] = (reply && decodeMessage(reply).edns?.options) ?? [];
  equal(option?.code, 10);
  equal(option?.octets.length, 24);
  deepEqual(option?.octets.subarray(0, 8), client);
  const bare = await ask([]);
  deepEqual(bare && decodeMessage(bare).edns?.options, []);
});

test('cookies of wrong lengths are FORMERR', async () => {
  for (const length of [0, 7, 9, 15, 41]) {
    const reply = await ask([{ code: 10, octets: Buffer.alloc(length) }]);
    equal((reply?.[3] ?? 0) & 0xf, 1, String(length));
  }
  for (const length of [8, 16, 40]) {
    const reply = await ask([{ code: 10, octets: Buffer.alloc(length) }]);
    equal((reply?.[3] ?? 0) & 0xf, 3, String(length));
  }
});
