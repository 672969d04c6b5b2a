import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../../dns/plugins/plugin.ts';
import { bundle } from '../objects.ts';
import { encodeQuery, ServerWithoutSockets } from '../server-without-sockets.ts';

const server = new ServerWithoutSockets().load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
const name = 'web.shop.svc.cluster.local';
const query = encodeQuery(name, 'A', { edns: { options: [{ code: 8, octets: Buffer.alloc(8) }] } });

test('a query cut anywhere is FORMERR with its header alone, or silence', async () => {
  for (let length = 0; length < query.length; length += 1) {
    const reply = await server.askOctets(Buffer.from(query.subarray(0, length)));
    if (length < 12) equal(reply, undefined);
    else {
      equal(reply?.length, 12);
      equal((reply?.[3] ?? 0) & 0xf, 1);
    }
  }
});

/** A header with these counts, and what follows it. */
function message(
  counts: readonly [number, number, number, number],
  body: readonly number[],
): Buffer {
  const octets = Buffer.alloc(12);
  octets.writeUInt16BE(0x0100, 2);
  for (const [i, count] of counts.entries()) octets.writeUInt16BE(count, 4 + 2 * i);
  return Buffer.concat([octets, Buffer.from(body)]);
}

const rows: readonly (readonly [why: string, Buffer])[] = [
  ['no question', message([0, 0, 0, 0], [])],
  ['two questions', message([2, 0, 0, 0], [0, 0, 1, 0, 1, 0, 0, 1, 0, 1])],
  ['a pointer to itself', message([1, 0, 0, 0], [0xc0, 12, 0, 1, 0, 1])],
  ['a pointer forward', message([1, 0, 0, 0], [0xc0, 14, 0, 0, 0, 1, 0, 1])],
  ['a pointer into the header', message([1, 0, 0, 0], [0xc0, 0, 0xc0, 0])],
  ['a label of an unknown kind', message([1, 0, 0, 0], [0x41, 1, 0, 0, 1, 0, 1])],
  [
    'a name of 256 octets',
    message(
      [1, 0, 0, 0],
      [
        ...Array.from({ length: 4 }, () => [63, ...Array.from({ length: 63 }, () => 97)]).flat(),
        0,
        0,
        1,
        0,
        1,
      ],
    ),
  ],
  ['counts that lie', message([1, 0, 0, 2], [0, 0, 1, 0, 1])],
  ['a count of 65535', message([1, 65535, 0, 0], [0, 0, 1, 0, 1])],
  [
    'two OPT records',
    message(
      [1, 0, 0, 2],
      [0, 0, 1, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0],
    ),
  ],
  [
    'an EDNS option longer than the message',
    message([1, 0, 0, 1], [0, 0, 1, 0, 1, 0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 4, 0, 8, 255, 255]),
  ],
];
for (const [why, octets] of rows) {
  test(`FORMERR, no longer than the header: ${why}`, async () => {
    const reply = await server.askOctets(octets);
    equal(reply?.length, 12);
    equal((reply?.[3] ?? 0) & 0xf, 1);
  });
}

test('a response is never answered', async () => {
  const response = Buffer.from(query);
  response[2] = 0x81;
  equal(await server.askOctets(response), undefined);
});

const paddings: readonly (readonly [transport: Transport, padded: boolean])[] = [
  ['udp', false],
  ['tcp', false],
  ['tls', true],
  ['https', true],
];
for (const [transport, padded] of paddings) {
  test(`padding over ${transport}: ${padded ? 'a multiple of 468 octets' : 'none'}`, async () => {
    const asked = encodeQuery(name, 'A', {
      edns: { options: [{ code: 12, octets: Buffer.alloc(20) }] },
    });
    const reply = await server.askOctets(asked, transport);
    equal((reply?.length ?? 0) % 468 === 0, padded);
    const bare = await server.askOctets(encodeQuery(name, 'A', { edns: {} }), transport);
    ok((bare?.length ?? 0) < 468);
  });
}
