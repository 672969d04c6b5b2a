import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import * as fc from 'fast-check';
import { WireError } from '../../../controller/base/index.ts';
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type Name,
  parseName,
  recordType,
  type ResourceRecord,
} from '../../../dns/wire/index.ts';
import { anyMessage } from '../arbitrary.ts';

const reply: Message = {
  id: 1,
  opcode: 0,
  rcode: 0,
  response: true,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: false,
  authenticData: false,
  checkingDisabled: false,
  questions: [{ name: parseName('web.shop.svc.cluster.local'), type: recordType.A, class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
  edns: undefined,
};

const a = (name: Name, last: number): ResourceRecord => ({
  name,
  type: recordType.A,
  class: 1,
  ttlSec: 5,
  data: { kind: 'Address', octets: Buffer.from([10, 0, 0, last]) },
});

/** Names differ in case only where compression found one that was there before. */
function lowerNames(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()));
}

test('what was written is read again', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      deepEqual(lowerNames(decodeMessage(encodeMessage(message))), lowerNames(message));
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('cut at any octet, a message is FORMERR, never another error and never another message', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const octets = encodeMessage(message);
      for (let length = 0; length < octets.length; length += 1) {
        throws(() => decodeMessage(octets.subarray(0, length)), { code: 'FORMERR' });
      }
    }),
    { numRuns: 30, seed: 1 },
  );
});

test('no octets make the decoder fail in any other way than WireError', () => {
  const decodes = (octets: Buffer): void => {
    try {
      decodeMessage(octets);
    } catch (error) {
      ok(error instanceof WireError, String(error));
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (octets) => decodes(Buffer.from(octets))),
    { numRuns: 2000, seed: 1 },
  );
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(anyMessage, flips, (message, changes) => {
      const octets = encodeMessage(message);
      for (const [at, value] of changes) octets[at % octets.length] = value;
      decodes(octets);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('dns-packet reads what we write', () => {
  const octets = encodeMessage({
    ...reply,
    answers: [
      a(['WEB', 'shop', 'svc', 'cluster', 'local'], 1),
      {
        name: parseName('_http._tcp.web.shop.svc.cluster.local'),
        type: recordType.SRV,
        class: 1,
        ttlSec: 5,
        data: {
          kind: 'SRV',
          priority: 1,
          weight: 2,
          port: 80,
          target: parseName('x.cluster.local'),
        },
      },
    ],
    additionals: [a(parseName('x.cluster.local'), 2)],
    edns: { udpPayloadSize: 1232, version: 0, dnssecOk: true, options: [] },
  });
  const read = dnsPacket.decode(octets);
  deepEqual(
    read.answers?.map((record) => [record.type, 'name' in record && record.name]),
    [
      ['A', 'web.shop.svc.cluster.local'],
      ['SRV', '_http._tcp.web.shop.svc.cluster.local'],
    ],
  );
  deepEqual(
    read.additionals?.map(({ type, name }) => [type, name]),
    [
      ['A', 'x.cluster.local'],
      ['OPT', '.'],
    ],
  );
});

test('we read what dns-packet writes', () => {
  const octets = dnsPacket.encode({
    type: 'response',
    id: 7,
    flags: dnsPacket.AUTHORITATIVE_ANSWER,
    questions: [{ type: 'MX', name: 'example.com' }],
    answers: [
      { type: 'MX', name: 'example.com', data: { preference: 10, exchange: 'mx.example.com' } },
      { type: 'TXT', name: 'example.com', data: ['one', 'two'] },
    ],
  });
  const read = decodeMessage(octets);
  equal(read.authoritative, true);
  deepEqual(
    read.answers.map(({ data }) => data),
    [
      { kind: 'MX', preference: 10, exchange: ['mx', 'example', 'com'] },
      { kind: 'Strings', strings: ['one', 'two'] },
    ],
  );
});

test('names are compressed, SRV targets are not', () => {
  const [question] = reply.questions;
  const plain = encodeMessage({ ...reply, answers: [a(question?.name ?? [], 1)] });
  // Header, question (27 + 4), and an answer whose owner is a pointer: 2 + 10 + 4.
  equal(plain.length, 12 + 27 + 5 + 16);
  const target = parseName('web.shop.svc.cluster.local');
  const srv = encodeMessage({
    ...reply,
    answers: [
      {
        name: target,
        type: recordType.SRV,
        class: 1,
        ttlSec: 5,
        data: { kind: 'SRV', priority: 0, weight: 0, port: 1, target },
      },
    ],
  });
  equal(srv.length, 12 + 32 + 2 + 10 + 6 + 28);
});

test('truncation cuts whole records from the end, keeps OPT and sets TC', () => {
  const name = reply.questions[0]?.name ?? [];
  const full: Message = {
    ...reply,
    answers: Array.from({ length: 100 }, (_, i) => a(name, i)),
    additionals: [a(['x'], 1)],
    edns: { udpPayloadSize: 1232, version: 0, dnssecOk: false, options: [] },
  };
  for (const limit of [512, 513, 527, 528, 529, 1232]) {
    const octets = encodeMessage(full, limit);
    const read = decodeMessage(octets);
    ok(octets.length <= limit && octets.length > limit - 16, `${octets.length} of ${limit}`);
    equal(read.truncated, true);
    ok(read.edns);
    deepEqual(read.additionals, []);
    deepEqual(read.answers, full.answers.slice(0, read.answers.length));
  }
  equal(decodeMessage(encodeMessage(full)).truncated, false);
});

test('a question that leaves no room for itself is an error, not a broken message', () => {
  throws(() => encodeMessage(reply, 20), RangeError);
});

const hostile: readonly (readonly [why: string, hex: string])[] = [
  // Header with one question, then:
  ['a pointer to itself', 'c00c00010001'],
  ['a pointer ahead', 'c00e0001000100'],
  ['a pointer to its own label', '0161c00c00010001'],
  ['a label type that was withdrawn', '410000010001'],
  ['a label longer than the message', '3f61'],
  ['nothing', ''],
  ['a name of 256 octets', `${`3f${'61'.repeat(63)}`.repeat(4)}0000010001`],
];
for (const [why, hex] of hostile) {
  test(`FORMERR: ${why}`, () => {
    const octets = Buffer.from(`000100000001000000000000${hex}`, 'hex');
    throws(() => decodeMessage(octets), { code: 'FORMERR' });
  });
}

const question = '0161000001 0001'.replace(' ', '');
const hostileRecords: readonly (readonly [why: string, additionals: number, hex: string])[] = [
  ['two OPT records', 2, '0000291000000000000000 0000291000000000000000'],
  ['an OPT owned by a name', 1, '0161000029100000000000 0000'],
  ['an OPT option longer than the OPT', 1, '00002910000000000000 04 0003 0005'],
  ['an A of five octets', 1, '0000010001 00000000 0005 0102030405'],
  ['an MX longer than its data', 1, '00000f0001 00000000 0002 0001 00'],
  ['a TXT string past its record', 1, '0000100001 00000000 0002 0561 6161616161'],
  ['more records than there are', 9, '0000010001 00000000 0004 01020304'],
];
for (const [why, count, hex] of hostileRecords) {
  test(`FORMERR: ${why}`, () => {
    const counts = `0001000000000${count}`;
    const octets = Buffer.from(`00010000${counts}${question}${hex}`.replaceAll(' ', ''), 'hex');
    throws(() => decodeMessage(octets), { code: 'FORMERR' });
  });
}
