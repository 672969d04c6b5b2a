import { deepEqual, equal } from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalAddress, formatAddress, parseAddress } from '../../../dns/wire/index.ts';

const cases: readonly (readonly [text: string, canonical: string | undefined])[] = [
  ['10.96.0.1', '10.96.0.1'],
  ['010.0.0.1', undefined],
  ['1.2.3', undefined],
  ['1.2.3.256', undefined],
  ['', undefined],
  ['::', '::'],
  ['::1', '::1'],
  ['FD00:0:0::1', 'fd00::1'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
  ['1.2.3.4::', undefined],
  ['1::2::3', undefined],
  ['1:2:3:4:5:6:7', undefined],
  ['1:2:3:4:5:6:7:8:9', undefined],
  ['1:2:3:4::5:6:7:8', undefined],
  ['12345::', undefined],
  ['fe80::1%eth0', undefined],
  [':1', undefined],
];
for (const [text, canonical] of cases) {
  test(`"${text}" is ${canonical ?? 'no address'}`, () => equal(canonicalAddress(text), canonical));
}

test('the system agrees about what is an address, and any one is read again', () => {
  const anyAddress = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '.') }),
  );
  fc.assert(
    fc.property(anyAddress, (text) => {
      const octets = parseAddress(text);
      equal(octets !== undefined, isIP(text) !== 0);
      if (octets) deepEqual(parseAddress(formatAddress(octets)), octets);
    }),
    { numRuns: 1000, seed: 1 },
  );
});
