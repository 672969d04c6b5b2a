import { deepEqual, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { parseTarget } from '../../../daemon/trace/index.ts';

const tcp = { protocol: 'TCP' } as const;
const targets = [
  {
    text: 'http://shop.test/cart?a=b',
    means: { kind: 'http', url: new URL('http://shop.test/cart?a=b') },
  },
  { text: 'dns web.shop', means: { kind: 'dns', name: 'web.shop', type: 'A' } },
  { text: 'dns web.shop srv', means: { kind: 'dns', name: 'web.shop', type: 'SRV' } },
  {
    text: 'web:80',
    means: { kind: 'service', namespace: 'here', name: 'web', port: '80', ...tcp },
  },
  {
    text: 'shop/web:http',
    means: { kind: 'service', namespace: 'shop', name: 'web', port: 'http', ...tcp },
  },
  {
    text: 'kube-system/dns:53/udp',
    means: { kind: 'service', namespace: 'kube-system', name: 'dns', port: '53', protocol: 'UDP' },
  },
  {
    text: '10.0.0.1:30080',
    means: { kind: 'address', address: '10.0.0.1', port: 30_080, ...tcp },
  },
  {
    text: '[fd00::1]:53/udp',
    means: { kind: 'address', address: 'fd00::1', port: 53, protocol: 'UDP' },
  },
] as const;
for (const { text, means } of targets) {
  test(text, () => deepEqual(parseTarget(text, 'here'), means));
}

for (const text of [
  '',
  'web',
  'http://',
  'a/b/c:80',
  '/web:80',
  'shop/:80',
  'dns',
  'web:80/icmp',
  'a b',
]) {
  test(`${JSON.stringify(text)} is refused`, () => {
    throws(() => parseTarget(text, 'here'), { code: 'InvalidTarget', message: /write a URL/ });
  });
}
