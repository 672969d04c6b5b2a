import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { frame, FrameReader } from '../../../dns/wire/index.ts';

test('messages come out whole, however the stream is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 6 });
  const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(messages, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map((octets) => frame(Buffer.from(octets))));
      const received: Buffer[] = [];
      const reader = new FrameReader((octets) => received.push(Buffer.from(octets)));
      for (let at = 0, i = 0; at < stream.length; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        reader.push(stream.subarray(at, at + size));
        at += size;
      }
      deepEqual(
        received,
        sent.map((octets) => Buffer.from(octets)),
      );
    }),
    { numRuns: 300, seed: 1 },
  );
});
