import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  addressRequest,
  decodeMessages,
  dumpRequest,
} from '../../../../controller/vip/link/netlink-message.ts';

const decodeAll = (bytes: Uint8Array) => [...decodeMessages(bytes)];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('a dump of links is what ip(8) sends, less its extras', () => {
  equal(hex(dumpRequest('links', 7)), `20000000120001030700000000000000${'00'.repeat(16)}`);
});

test('adding an IPv4 address', () => {
  equal(
    hex(addressRequest('add', 2, { address: '10.0.0.9', prefixLength: 24 }, 1)),
    // Header: length 40, RTM_NEWADDR, REQUEST|ACK|REPLACE|CREATE; ifaddrmsg; LOCAL; ADDRESS.
    '28000000140005050100000000000000' +
      '0218000002000000' +
      '080002000a000009' +
      '080001000a000009',
  );
});

const added = [
  ['10.0.0.9', 32],
  ['2001:db8::9', 64],
  ['2001:db8::9', 128],
] as const;
for (const [address, prefixLength] of added) {
  test(`a request for ${address}/${prefixLength} reads as the address it names`, () => {
    for (const change of ['add', 'remove'] as const) {
      const request = addressRequest(change, 3, { address, prefixLength }, 1);
      deepEqual(decodeAll(request), [
        {
          kind: 'address',
          index: 3,
          address: { address, prefixLength },
          tentative: false,
          present: change === 'add',
        },
      ]);
    }
  });
}

test('only /128 is deprecated, so that it is no source of connections', () => {
  const attributes = (prefixLength: number) =>
    hex(addressRequest('add', 1, { address: '2001:db8::9', prefixLength }, 1)).includes(
      '1400060000000000ffffffff',
    );
  deepEqual([attributes(128), attributes(64)], [true, false]);
});

test('garbage gives no exception, and ends', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeAll(bytes).length <= 18),
  );
  const whole = addressRequest('add', 3, { address: '::1', prefixLength: 128 }, 1);
  for (let length = 0; length < whole.length; length += 1) {
    deepEqual(decodeAll(whole.subarray(0, length)), []);
  }
});
