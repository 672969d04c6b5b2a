import { deepEqual, equal, notEqual } from 'node:assert/strict';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { assert, integer, ipV4, property, string } from 'fast-check';
import { wordsOf } from '../../../../../proxy/planes/nftables/family.ts';
import {
  fieldBytes,
  layoutOf,
} from '../../../../../proxy/planes/nftables/netlink/element-layout.ts';
import { serviceSets } from '../../../../../proxy/planes/nftables/static-rules.ts';

for (const [definition, key, value] of [
  ['typeof ip daddr . meta l4proto . th dport : verdict;', 'address protocol port', 'verdict'],
  ['typeof meta l4proto . th dport : verdict;', 'protocol port', 'verdict'],
  [
    'typeof ip6 daddr . udp dport . numgen random mod 65536 : ip6 daddr . udp dport;',
    'address port slot',
    'address port',
  ],
  ['type ipv4_addr;', 'address', undefined],
] as const) {
  test(`layout of ${definition}`, () => {
    const layout = layoutOf(definition);
    equal(layout?.key.join(' '), key);
    const fields = layout?.value;
    equal(typeof fields === 'object' ? fields.join(' ') : fields, value);
  });
}

for (const definition of [
  'type ipv4_addr; flags dynamic,timeout; timeout 60s;',
  'type mac_addr;',
  'typeof ip daddr : ip daddr . meta mark;',
  '',
]) {
  test(`"${definition}" is left to nft`, () => equal(layoutOf(definition), undefined));
}

for (const family of ['IPv4', 'IPv6'] as const) {
  test(`every set that ${family} Services fill has a layout`, () => {
    for (const { name, definition } of serviceSets(wordsOf[family])) {
      notEqual(layoutOf(definition), undefined, name);
    }
  });
}

const two = endianness() === 'LE' ? '02000000' : '00000002';
for (const [fields, text, hex] of [
  [['address', 'protocol', 'port'], '10.96.0.1 . 6 . 80', '0a6000010600000000500000'],
  [['address', 'port', 'slot'], '10.96.0.1 . 8080 . 2', `0a6000011f900000${two}`],
  [['protocol', 'port'], '132 . 65535', '84000000ffff0000'],
  // A lone field is no register of a concatenation.
  [['address'], 'fd96::1', 'fd960000000000000000000000000001'],
  [['address', 'address'], '10.0.0.1 . 10.0.0.1', '0a0000010a000001'],
  [['address', 'port'], '10.0.0.1 . 65536', undefined],
  [['address', 'port'], '10.0.0.256 . 80', undefined],
  [['address', 'port'], '10.0.0.1', undefined],
  [['protocol', 'port'], '1 . 80', undefined],
  [['address', 'port', 'slot'], '10.0.0.1 . 80 . -1', undefined],
] as const) {
  test(`${text} as ${fields.join(' . ')}`, () => {
    const bytes = fieldBytes(fields, text);
    equal(bytes && Buffer.from(bytes).toString('hex'), hex);
  });
}

test('any address and port: as many bytes as the kernel expects, in network order', () => {
  assert(
    property(ipV4(), integer({ min: 0, max: 65_535 }), (address, port) => {
      const bytes = fieldBytes(['address', 'port'], `${address} . ${port}`);
      deepEqual(bytes && [...bytes], [
        ...address.split('.').map(Number),
        port >> 8,
        port & 255,
        0,
        0,
      ]);
    }),
  );
});

test('no text whatever throws', () => {
  assert(
    property(string(), (text) => {
      fieldBytes(['address', 'protocol', 'port', 'slot'], text);
    }),
  );
});
