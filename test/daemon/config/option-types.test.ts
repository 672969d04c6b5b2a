import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatListen, parseListen } from '../../../daemon/config/address.ts';
import { serviceCidrs } from '../../../daemon/config/cidr.ts';
import { parseDuration } from '../../../daemon/config/duration.ts';
import { localAddresses } from '../../../daemon/config/network-types.ts';
import type { OptionType } from '../../../daemon/config/option-type.ts';
import { parsePortRange } from '../../../daemon/config/port-range.ts';
import { domain, namespacedName, objectName } from '../../../daemon/config/text-types.ts';
import { dnsUpstreams } from '../../../daemon/config/upstreams.ts';

const listens: readonly (readonly [text: string, value: unknown])[] = [
  ['off', 'off'],
  ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['[::]:65535', { host: '::', port: 65_535 }],
  [':80', { host: '127.0.0.1', port: 80 }],
  ['localhost:80', { host: '127.0.0.1', port: 80 }],
  ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
];
for (const [text, value] of listens) {
  test(`ADDR ${text}`, () => deepEqual(parseListen(text), { kind: 'value', value }));
}

const notListens: readonly (readonly [text: string, message: string, instead: string])[] = [
  ['80', '"80" is no address to listen on', ':80 (on 127.0.0.1) or ADDRESS:80'],
  ['::1', '"::1" is no address to listen on', '[::1]:PORT'],
  ['10.0.0.1', '"10.0.0.1" is no address to listen on', '10.0.0.1:PORT'],
  ['false', '"false" is no address to listen on', 'off'],
  [
    'web:80',
    '"web:80" has no IP address before its port',
    'ADDRESS:PORT, [IPV6]:PORT, :PORT (on 127.0.0.1) or off',
  ],
  [
    '[127.0.0.1]:80',
    '"[127.0.0.1]:80" has no IP address before its port',
    'ADDRESS:PORT, [IPV6]:PORT, :PORT (on 127.0.0.1) or off',
  ],
  [
    ':65536',
    '":65536" has a port above 65535',
    'ADDRESS:PORT, [IPV6]:PORT, :PORT (on 127.0.0.1) or off',
  ],
  ['', '"" is no address to listen on', 'ADDRESS:PORT, [IPV6]:PORT, :PORT (on 127.0.0.1) or off'],
];
for (const [text, message, instead] of notListens) {
  test(`ADDR ${JSON.stringify(text)} is refused`, () =>
    deepEqual(parseListen(text), { kind: 'refused', message, instead }));
}

test('ADDR reads what it writes', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6());
  fc.assert(
    fc.property(host, fc.nat(65_535), (host, port) => {
      const text = formatListen({ host, port });
      deepEqual(parseListen(text), { kind: 'value', value: { host, port } });
    }),
  );
});

const durations: readonly (readonly [text: string, ms: number | string])[] = [
  ['0', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['24h', 86_400_000],
  ['25h', '"25h" is longer than 24h'],
  ['30', '"30" has no unit'],
  ['-3s', '"-3s" is no duration'],
  ['3 s', '"3 s" is no duration'],
  ['', '"" is no duration'],
];
for (const [text, expected] of durations) {
  test(`duration ${JSON.stringify(text)}`, () => equal(outcome(parseDuration(text)), expected));
}

const ranges: readonly (readonly [text: string, expected: unknown])[] = [
  ['30000-32767', { first: 30_000, last: 32_767 }],
  ['80-80', { first: 80, last: 80 }],
  ['0-80', '"0-80" leaves the ports 1-65535'],
  ['80-70000', '"80-70000" leaves the ports 1-65535'],
  ['90-80', '"90-80" ends before it begins'],
  ['80', '"80" is no range of ports'],
];
for (const [text, expected] of ranges) {
  test(`port range ${text}`, () => deepEqual(outcome(parsePortRange(text)), expected));
}

const others: readonly (readonly [
  name: string,
  type: OptionType<unknown>,
  texts: readonly string[],
  expected: unknown,
])[] = [
  [
    'one range',
    serviceCidrs,
    ['10.0.0.0/8'],
    [{ text: '10.0.0.0/8', family: 'IPv4', prefixLength: 8 }],
  ],
  [
    'dual stack',
    serviceCidrs,
    ['fd00::/112, 10.0.0.0/8'],
    [
      { text: 'fd00::/112', family: 'IPv6', prefixLength: 112 },
      { text: '10.0.0.0/8', family: 'IPv4', prefixLength: 8 },
    ],
  ],
  [
    'two of one family',
    serviceCidrs,
    ['10.0.0.0/8', '11.0.0.0/8'],
    '"10.0.0.0/8,11.0.0.0/8" has two ranges of one family',
  ],
  ['no prefix', serviceCidrs, ['10.0.0.0'], '"10.0.0.0" is no range of addresses'],
  ['long prefix', serviceCidrs, ['10.0.0.0/33'], '"10.0.0.0/33" has a prefix longer than 32 bits'],
  ['addresses', localAddresses, ['127.0.0.1,::1', '10.0.0.1'], ['127.0.0.1', '::1', '10.0.0.1']],
  ['a host name', localAddresses, ['web'], '"web" is no IP address'],
  [
    'resolv.conf',
    dnsUpstreams,
    ['/etc/resolv.conf'],
    { kind: 'resolvConf', path: '/etc/resolv.conf' },
  ],
  [
    'servers',
    dnsUpstreams,
    ['1.1.1.1,::1', '[::2]:5353'],
    {
      kind: 'servers',
      servers: [
        { host: '1.1.1.1', port: 53 },
        { host: '::1', port: 53 },
        { host: '::2', port: 5353 },
      ],
    },
  ],
  [
    'file and server',
    dnsUpstreams,
    ['/etc/resolv.conf', '::1'],
    '"/etc/resolv.conf" is no address of a name server',
  ],
  ['no host', dnsUpstreams, [':53'], '":53" is no address of a name server'],
  ['a name', objectName, ['web-1.example'], 'web-1.example'],
  ['upper case', objectName, ['Web'], '"Web" is no valid name'],
  ['a domain', domain, ['cluster.local.'], 'cluster.local'],
  ['namespace/name', namespacedName, ['a/b'], { namespace: 'a', name: 'b' }],
  ['name alone', namespacedName, ['b'], '"b" names no object'],
];
for (const [name, type, texts, expected] of others) {
  test(`option value: ${name}`, () => deepEqual(outcome(type.parse(texts)), expected));
}

function outcome(parsed: ReturnType<OptionType<unknown>['parse']>): unknown {
  return parsed.kind === 'value' ? parsed.value : parsed.message;
}
