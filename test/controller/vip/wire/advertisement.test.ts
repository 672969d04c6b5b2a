import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import {
  type Advertisement,
  decodeAdvertisement,
  encodeAdvertisement,
  type PacketPath,
} from '../../../../controller/vip/wire/advertisement.ts';

const v4: PacketPath = { family: 'IPv4', source: '10.9.0.2', destination: '224.0.0.18' };
const v6: PacketPath = { family: 'IPv6', source: 'fe80::ff:fe00:2', destination: 'ff02::12' };
const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const none = { kind: 'none' } as const;

/** Captured from keepalived 2.2.7, but for the second form of version 3. */
const vectors = [
  {
    name: 'version 2, password',
    path: v4,
    form: 'message',
    bytes: '2133 9602 0101 dec1 0a09 0064 0a09 0065 7365 7361 6d65 0000',
    advert: {
      version: 2,
      vrid: 51,
      priority: 150,
      intervalMs: 1000,
      addresses: ['10.9.0.100', '10.9.0.101'],
      authentication: { kind: 'password', password: Buffer.from('sesame\0\0') },
    },
  },
  {
    name: 'version 3, IPv4, checksum with pseudo-header',
    path: v4,
    form: 'pseudo-header',
    bytes: '3134 9601 000a 43b7 0a09 0066',
    advert: {
      version: 3,
      vrid: 52,
      priority: 150,
      intervalMs: 100,
      addresses: ['10.9.0.102'],
      authentication: none,
    },
  },
  {
    name: 'version 3, IPv4, checksum of the message alone',
    path: v4,
    form: 'message',
    bytes: '3134 9601 000a 2e51 0a09 0066',
    advert: {
      version: 3,
      vrid: 52,
      priority: 150,
      intervalMs: 100,
      addresses: ['10.9.0.102'],
      authentication: none,
    },
  },
  {
    name: 'version 3, IPv6',
    path: v6,
    form: 'pseudo-header',
    bytes:
      '3135 9602 000a 0eae fe80 0000 0000 0000 0000 0000 0000 0053 2001 0db8 0000 0000 0000 0000 0000 0053',
    advert: {
      version: 3,
      vrid: 53,
      priority: 150,
      intervalMs: 100,
      addresses: ['fe80::53', '2001:db8::53'],
      authentication: none,
    },
  },
] as const;

describe('vectors', () => {
  for (const { name, path, form, bytes, advert } of vectors) {
    test(`${name}: decodes`, () => {
      const decoded = decodeAdvertisement(hex(bytes), path);
      const expected = normalised(advert);
      deepEqual(decoded.kind === 'advertisement' && normalised(decoded.advert), expected);
      equal(decoded.kind === 'advertisement' && decoded.form, form);
    });
    test(`${name}: encodes to the same bytes`, () => {
      const encoded = encodeAdvertisement(advert, path, form);
      equal(Buffer.from(encoded).toString('hex'), Buffer.from(hex(bytes)).toString('hex'));
    });
    test(`${name}: cut anywhere, it is malformed`, () => {
      const whole = hex(bytes);
      for (let length = 0; length < whole.length; length += 1) {
        equal(decodeAdvertisement(whole.subarray(0, length), path).kind, 'malformed', `${length}`);
      }
      const longer = decodeAdvertisement(Buffer.concat([whole, Buffer.alloc(1)]), path);
      deepEqual(longer, { kind: 'malformed', reason: 'length' });
    });
    test(`${name}: any single bit flipped is noticed, or read as reserved`, () => {
      for (let bit = 0; bit < hex(bytes).length * 8; bit += 1) {
        const broken = Buffer.from(hex(bytes));
        broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        equal(decodeAdvertisement(broken, path).kind, 'malformed', `bit ${bit}`);
      }
    });
  }
});

/** Passwords as plain arrays: Buffer and Uint8Array of the same bytes are equal here. */
function normalised(advert: Advertisement): object {
  const { authentication } = advert;
  const plain =
    authentication.kind === 'password'
      ? { kind: 'password', password: [...authentication.password] }
      : authentication;
  return { ...advert, addresses: [...advert.addresses], authentication: plain };
}

/** One field changed, checksum put right by hand where it has to be. */
const malformed: readonly (readonly [
  why: string,
  bytes: string,
  path: PacketPath,
  reason: string,
])[] = [
  ['empty', '', v4, 'length'],
  ['version 4', '4134 9601 000a 1e51 0a09 0066', v4, 'version'],
  ['version 2 over IPv6', '2135 9602 0001 0000', v6, 'version'],
  ['type 2', '3234 9601 000a 2d51 0a09 0066', v4, 'type'],
  ['virtual router 0', '3100 9601 000a 2e85 0a09 0066', v4, 'vrid'],
  ['interval 0', '3134 9601 0000 2e5b 0a09 0066', v4, 'interval'],
  ['more addresses than bytes', '3134 96ff 000a 2d53 0a09 0066', v4, 'length'],
  ['checksum', '3134 9601 000a ffff 0a09 0066', v4, 'checksum'],
];
for (const [why, bytes, path, reason] of malformed) {
  test(`malformed: ${why}`, () => {
    deepEqual(decodeAdvertisement(hex(bytes), path), { kind: 'malformed', reason });
  });
}

test('the bits above the interval are reserved: ignored on receipt', () => {
  const decoded = decodeAdvertisement(hex('3134 9601 f00a 3e50 0a09 0066'), v4);
  equal(decoded.kind === 'advertisement' && decoded.advert.intervalMs, 100);
});

const advertArbitrary = fc
  .record({
    vrid: fc.integer({ min: 1, max: 255 }),
    priority: fc.integer({ min: 0, max: 255 }),
    addresses: fc.array(
      fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.')),
      { maxLength: 255 },
    ),
    version: fc.constantFrom(2 as const, 3 as const),
    interval: fc.integer({ min: 1, max: 255 }),
  })
  .map(
    ({ interval, ...rest }): Advertisement => ({
      ...rest,
      intervalMs: interval * (rest.version === 2 ? 1000 : 10),
      authentication: none,
    }),
  );

test('what is encoded decodes to itself, in both forms', () => {
  fc.assert(
    fc.property(
      advertArbitrary,
      fc.constantFrom('pseudo-header' as const, 'message' as const),
      (advert, form) => {
        const decoded = decodeAdvertisement(encodeAdvertisement(advert, v4, form), v4);
        deepEqual(decoded.kind === 'advertisement' && decoded.advert, advert);
      },
    ),
  );
});

test('any bytes give an answer and no exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.constantFrom(v4, v6), (bytes, path) => {
      const { kind } = decodeAdvertisement(bytes, path);
      equal(kind === 'advertisement' || kind === 'malformed', true);
    }),
  );
});
