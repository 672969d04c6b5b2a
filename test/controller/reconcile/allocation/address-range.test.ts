import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { assert, bigInt, integer, ipV4, ipV6, property } from 'fast-check';
import {
  canonicalAddress,
  parseAddressRange,
} from '../../../../controller/reconcile/allocation/address-range.ts';

const cases = [
  ['127.96.0.0/16', 65_536, 0, '127.96.0.0'],
  ['127.96.0.0/16', 65_536, 65_535, '127.96.255.255'],
  ['127.96.1.2/16', 65_536, 1, '127.96.0.1'],
  ['10.0.0.7', 1, 0, '10.0.0.7'],
  ['fd00::/112', 65_536, 255, 'fd00::ff'],
  ['fd00::/48', 1_048_576, 65_536, 'fd00::1:0'],
  ['0.0.0.0/0', 1_048_576, 1, '0.0.0.1'],
] as const;
for (const [cidr, size, position, address] of cases) {
  test(`${cidr} holds ${address} at ${position}`, () => {
    const range = parseAddressRange(cidr);
    equal(range.size, size);
    equal(range.at(position), address);
    equal(range.positionOf(address), position);
  });
}

test('addresses outside have no position', () => {
  equal(parseAddressRange('127.96.0.0/16').positionOf('127.97.0.0'), undefined);
  equal(parseAddressRange('127.96.0.0/16').positionOf('fd00::1'), undefined);
  equal(parseAddressRange('fd00::/48').positionOf('fd00::10:0'), undefined, 'beyond 2^20');
});

for (const text of [
  '',
  '127.0.0.0/33',
  'fd00::/129',
  '127.0.0.0/',
  '127.0.0.0/8/8',
  'web',
  '1.2.3.4/-1',
  '1.2.3.4/1e1',
]) {
  test(`"${text}" is refused`, () => {
    throws(() => parseAddressRange(text), { code: 'InvalidCIDR' });
  });
}

test('position and address are each other’s inverse', () => {
  assert(
    property(
      ipV4(),
      integer({ min: 12, max: 32 }),
      bigInt({ min: 0n, max: 1_000_000n }),
      (ip, bits, n) => {
        const range = parseAddressRange(`${ip}/${bits}`);
        const position = Number(n) % range.size;
        equal(range.positionOf(range.at(position)), position);
      },
    ),
  );
  assert(
    property(
      ipV6(),
      integer({ min: 0, max: 128 }),
      integer({ min: 0, max: 1_000_000 }),
      (ip, bits, n) => {
        const range = parseAddressRange(`${ip}/${bits}`);
        const position = n % range.size;
        equal(range.positionOf(range.at(position)), position);
      },
    ),
  );
});

test('an address has one spelling', () => {
  equal(canonicalAddress('FD00:0:0::1'), 'fd00::1');
  equal(canonicalAddress('10.0.0.1'), '10.0.0.1');
});
