import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddress, readIPv4Reverse, readIPv6Reverse } from '../../../dns/wire/index.ts';

const zeros = '0.'.repeat(28);
const cases: readonly (readonly [labels: string, family: 4 | 6, expected: string])[] = [
  ['10.0.96.10', 4, '10.96.0.10'],
  ['96.10', 4, 'partial'],
  ['1.10.0.96.10', 4, 'malformed'],
  ['01.0.96.10', 4, 'malformed'],
  ['256.0.96.10', 4, 'malformed'],
  ['a.0.96.10', 4, 'malformed'],
  [`1.0.${zeros}d.f`, 6, 'fd00::1'],
  ['0.0.d.f', 6, 'partial'],
  [`1.00.${zeros}d.f`, 6, 'malformed'],
  [`g.0.${zeros}d.f`, 6, 'malformed'],
  [`1.0.0.${zeros}d.f`, 6, 'malformed'],
];
for (const [labels, family, expected] of cases) {
  test(`${labels}: ${expected}`, () => {
    const read = (family === 4 ? readIPv4Reverse : readIPv6Reverse)(labels.split('.'));
    equal(read.kind === 'address' ? formatAddress(read.octets) : read.kind, expected);
  });
}
