import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { proxyHeader } from '../../../ingress/upstream/proxy-header.ts';

const v2 = '0d0a0d0a000d0a515549540a';
const cases = [
  [
    'IPv4',
    '192.0.2.1',
    '10.0.0.2',
    'TCP4 192.0.2.1 10.0.0.2 4660 80',
    '2111000cc00002010a00000212340050',
  ],
  [
    'IPv6',
    '2001:db8::1',
    '::1',
    'TCP6 2001:db8::1 ::1 4660 80',
    '2121002420010db80000000000000000000000010000000000000000000000000000000112340050',
  ],
  [
    'IPv6 with an IPv4 tail',
    '64:ff9b::192.0.2.33',
    'fe80::1:2',
    'TCP6 64:ff9b::192.0.2.33 fe80::1:2 4660 80',
    '212100240064ff9b0000000000000000c0000221fe80000000000000000000000001000212340050',
  ],
  ['two families', '192.0.2.1', '::1', 'UNKNOWN', '20000000'],
] as const;
for (const [what, source, destination, text, bytes] of cases) {
  const ends = { source, sourcePort: 0x1234, destination, destinationPort: 80 };
  test(`PROXY header, ${what}`, () => {
    equal(proxyHeader('v1', ends).toString('latin1'), `PROXY ${text}\r\n`);
    equal(proxyHeader('v2', ends).toString('hex'), v2 + bytes);
  });
}
