import { equal, throws } from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  addressBytes,
  addressText,
  canonicalAddress,
  compareAddresses,
} from '../../../../controller/vip/wire/ip-address.ts';

const canonical = [
  ['10.0.0.1', '10.0.0.1'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['::ffff:192.0.2.1', '::ffff:c000:201'],
] as const;
for (const [text, expected] of canonical) {
  test(`${text} is ${expected}`, () => equal(canonicalAddress(text), expected));
}

for (const text of ['', '10.0.0', '10.0.0.256', 'fe80::1%eth0', 'host', ':::']) {
  test(`"${text}" is no address`, () => throws(() => addressBytes(text), TypeError));
}

test('16 bytes survive their text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const text = addressText(bytes);
      return isIPv6(text) && Buffer.compare(addressBytes(text), bytes) === 0;
    }),
  );
});

const ordered = [
  ['10.0.0.2', '10.0.0.10', -1],
  ['10.0.0.10', '10.0.0.2', 1],
  ['10.0.0.1', '10.0.0.1', 0],
  ['fe80::2', 'fe80::a', -1],
  ['fe80::100', 'fe80::a', 1],
] as const;
for (const [left, right, sign] of ordered) {
  test(`${left} against ${right}: by number, not by text`, () => {
    equal(Math.sign(compareAddresses(left, right)), sign);
  });
}
