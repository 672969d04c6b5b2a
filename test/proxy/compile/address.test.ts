import { equal } from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import { suite, test } from 'node:test';
import * as fc from 'fast-check';
import {
  addressBytes,
  addressText,
  canonicalAddress,
  familyOf,
  parseCidr,
} from '../../../proxy/compile/index.ts';

const addresses = [
  // text                      canonical            family
  ['10.0.0.1', '10.0.0.1', 'IPv4'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1', 'IPv6'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', 'IPv6'],
  ['2001:0db8::0001', '2001:db8::1', 'IPv6'],
  ['0:0:0:0:0:0:0:0', '::', 'IPv6'],
  ['::1', '::1', 'IPv6'],
  ['1::', '1::', 'IPv6'],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.1', 'IPv6'],
  ['::ffff:a00:1', '::ffff:10.0.0.1', 'IPv6'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 'IPv6'],
  ['fe80::1%eth0', undefined, undefined],
  ['10.0.0', undefined, undefined],
  ['010.0.0.1', undefined, undefined],
  ['[::1]', undefined, undefined],
  ['example.com', undefined, undefined],
  ['', undefined, undefined],
] as const;

suite('addresses', () => {
  for (const [text, canonical, family] of addresses) {
    test(`"${text}" is ${canonical}`, () => {
      equal(canonicalAddress(text), canonical);
      equal(familyOf(text), family);
    });
  }

  test('any bytes make the text that the socket library makes, and come back', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const bytes = Uint8Array.from(groups.flatMap((one) => [one >> 8, one & 0xff]));
        const text = addressText(bytes);
        equal(Buffer.compare(addressBytes(text) ?? new Uint8Array(), bytes), 0);
        // libuv writes IPv4 into the long deprecated ::/96 too (RFC 4291 §2.5.5.1); we do not.
        if (groups.slice(0, 6).every((one) => one === 0)) return;
        const full = groups.map((one) => one.toString(16)).join(':');
        equal(text, new SocketAddress({ address: full, family: 'ipv6' }).address);
      }),
    );
  });

  test('any text: an address to us is one to node, zones aside', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV6()), (text) => {
        const canonical = canonicalAddress(text);
        equal(canonical !== undefined, isIP(text) !== 0 && !text.includes('%'));
        if (canonical !== undefined) equal(canonicalAddress(canonical), canonical);
      }),
    );
  });
});

const cidrs = [
  ['10.1.2.3/8', '10.0.0.0/8'],
  ['10.1.2.3/32', '10.1.2.3/32'],
  ['10.1.2.3/0', '0.0.0.0/0'],
  ['192.168.255.255/17', '192.168.128.0/17'],
  ['FD00:1:2::3/20', 'fd00::/20'],
  ['fd00:1:2::3/128', 'fd00:1:2::3/128'],
  [' 10.0.0.0/8\n', '10.0.0.0/8'],
  ['10.0.0.0/33', undefined],
  ['fd00::/129', undefined],
  ['10.0.0.0', undefined],
  ['10.0.0.0/', undefined],
  ['10.0.0.0/-1', undefined],
  ['10.0.0.0/8/8', undefined],
  ['/8', undefined],
] as const;

suite('CIDRs', () => {
  for (const [text, canonical] of cidrs) {
    test(`"${text}" is ${canonical}`, () => equal(parseCidr(text)?.text, canonical));
  }
});
