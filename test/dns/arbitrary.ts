import * as fc from 'fast-check';
import {
  maxNameOctets,
  type Message,
  type Name,
  nameOctets,
  type RecordData,
  recordType,
  type ResourceRecord,
} from '../../dns/wire/index.ts';

const octet = fc.integer({ min: 0, max: 255 });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });

/** Any octets, few of them, so that equal labels and common suffixes turn up often. */
const label = fc.oneof(
  fc.constantFrom('a', 'A', 'b', 'svc', 'cluster', 'local', '.', '\\', '\u0000', 'é'),
  fc.array(octet, { minLength: 1, maxLength: 63 }).map((octets) => String.fromCharCode(...octets)),
);

export const anyName: fc.Arbitrary<Name> = fc
  .array(label, { maxLength: 8 })
  .filter((name) => nameOctets(name) <= maxNameOctets);

function octets(constraints: { minLength: number; maxLength: number }): fc.Arbitrary<Buffer> {
  return fc.uint8Array(constraints).map((array) => Buffer.from(array));
}

const text = fc
  .uint8Array({ maxLength: 255 })
  .map((array) => Buffer.from(array).toString('latin1'));

function typed(type: number, data: fc.Arbitrary<RecordData>): fc.Arbitrary<[number, RecordData]> {
  return data.map((value) => [type, value]);
}

const target = fc.record({ kind: fc.constant('Target' as const), target: anyName });
const strings = fc.record({
  kind: fc.constant('Strings' as const),
  strings: fc.array(text, { minLength: 1, maxLength: 3 }),
});
const address = (length: number): fc.Arbitrary<RecordData> =>
  octets({ minLength: length, maxLength: length }).map((value) => ({
    kind: 'Address',
    octets: value,
  }));

/** A type and data that belong together. */
const typedData: fc.Arbitrary<[number, RecordData]> = fc.oneof(
  typed(recordType.A, address(4)),
  typed(recordType.AAAA, address(16)),
  typed(recordType.NS, target),
  typed(recordType.CNAME, target),
  typed(recordType.PTR, target),
  typed(
    recordType.SOA,
    fc.record({
      kind: fc.constant('SOA' as const),
      mname: anyName,
      rname: anyName,
      serial: u32,
      refreshSec: u32,
      retrySec: u32,
      expireSec: u32,
      minimumSec: u32,
    }),
  ),
  typed(
    recordType.MX,
    fc.record({ kind: fc.constant('MX' as const), preference: u16, exchange: anyName }),
  ),
  typed(
    recordType.SRV,
    fc.record({
      kind: fc.constant('SRV' as const),
      priority: u16,
      weight: u16,
      port: u16,
      target: anyName,
    }),
  ),
  typed(recordType.TXT, strings),
  typed(recordType.HINFO, strings),
  typed(
    65_280,
    octets({ minLength: 0, maxLength: 300 }).map((value) => ({ kind: 'Opaque', octets: value })),
  ),
);

const record: fc.Arbitrary<ResourceRecord> = fc
  .record({ name: anyName, class: u16, ttlSec: fc.integer({ min: 0, max: 0x7fffffff }), typedData })
  .map(({ typedData: [type, data], ...rest }) => ({ ...rest, type, data }));

const section = fc.array(record, { maxLength: 5 });

/** Any message that can be written. */
export const anyMessage: fc.Arbitrary<Message> = fc
  .record({
    id: u16,
    opcode: fc.integer({ min: 0, max: 15 }),
    rcode: fc.integer({ min: 0, max: 4095 }),
    response: fc.boolean(),
    authoritative: fc.boolean(),
    truncated: fc.boolean(),
    recursionDesired: fc.boolean(),
    recursionAvailable: fc.boolean(),
    authenticData: fc.boolean(),
    checkingDisabled: fc.boolean(),
    questions: fc.array(fc.record({ name: anyName, type: u16, class: u16 }), { maxLength: 2 }),
    answers: section,
    authorities: section,
    additionals: section,
    edns: fc.option(
      fc.record({
        udpPayloadSize: u16,
        version: octet,
        dnssecOk: fc.boolean(),
        options: fc.array(
          fc.record({ code: u16, octets: octets({ minLength: 0, maxLength: 40 }) }),
          { maxLength: 3 },
        ),
      }),
      { nil: undefined },
    ),
  })
  // Without EDNS there is room for four bits.
  .map((message) => ({ ...message, rcode: message.edns ? message.rcode : message.rcode & 0xf }));
