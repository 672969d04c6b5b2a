import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { WireError } from '../../../../controller/base/index.ts';
import {
  decodeHealthCheckResponse,
  encodeHealthCheckRequest,
  type ServingStatus,
} from '../../../../controller/health/probers/grpc-health-message.ts';

/** A framed message; the length is right unless given. */
function framed(hex: string, length: number = hex.length / 2): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, Buffer.from(hex, 'hex')]);
}

test('request: the empty service leaves its field out', () => {
  deepEqual(encodeHealthCheckRequest(''), Buffer.from([0, 0, 0, 0, 0]));
});

test('request: service name', () => {
  deepEqual(encodeHealthCheckRequest('ab'), Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62]));
});

test('request: a name of more than 127 bytes takes a length of two bytes', () => {
  const request = encodeHealthCheckRequest('x'.repeat(300));
  deepEqual(request.subarray(0, 8), Buffer.from([0, 0, 0, 0x01, 0x2f, 0x0a, 0xac, 0x02]));
});

const responses: readonly (readonly [hex: string, status: ServingStatus, why: string])[] = [
  ['', 'UNKNOWN', 'the default is left out'],
  ['0801', 'SERVING', 'as grpc-go writes it'],
  ['0802', 'NOT_SERVING', 'as grpc-go writes it'],
  ['0803', 'SERVICE_UNKNOWN', 'only Watch sends it'],
  ['0809', 'UNKNOWN', 'a value of a later version'],
  ['08020801', 'SERVING', 'the last of one field wins'],
  ['120261620801', 'SERVING', 'unknown string field before it'],
  ['08011900000000000000002500000000', 'SERVING', 'unknown fixed fields after it'],
];

for (const [hex, status, why] of responses) {
  test(`response ${hex || '(empty)'}: ${why}`, () => {
    equal(decodeHealthCheckResponse(framed(hex)), status);
  });
}

const malformed: readonly (readonly [bytes: Buffer, why: string])[] = [
  [Buffer.alloc(0), 'nothing'],
  [Buffer.alloc(4), 'prefix cut short'],
  [framed('08', 2), 'message cut short'],
  [framed('08'), 'field without value'],
  [framed('1205'), 'string longer than the message'],
  [framed('0b'), 'group, a wire type that is gone'],
  [framed('08ffffffffffffffffffff01'), 'varint without end'],
  [Buffer.concat([Buffer.from([1]), framed('0801').subarray(1)]), 'compressed'],
];

for (const [bytes, why] of malformed) {
  test(`malformed response: ${why}`, () => {
    throws(() => decodeHealthCheckResponse(bytes), WireError);
  });
}

test('any bytes give a status or a WireError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.boolean(), (bytes, frame) => {
      const buffer = Buffer.from(bytes);
      try {
        decodeHealthCheckResponse(frame ? framed(buffer.toString('hex')) : buffer);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
  );
});
