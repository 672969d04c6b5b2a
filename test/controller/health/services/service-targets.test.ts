import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parseServiceCheck } from '../../../../controller/health/services/service-check.ts';
import { serviceTargets } from '../../../../controller/health/services/service-targets.ts';
import type { EndpointSlice, ServiceBundle } from '../../../../controller/objects/index.ts';
import { service, slice } from './objects.ts';

const dns = { name: 'dns', port: 53, protocol: 'UDP' } as const;
const web = { name: 'web', port: 8080 } as const;
const admin = { name: 'admin', port: 9090, protocol: 'TCP' } as const;

function targetsOf(
  options: Record<string, string>,
  slices: readonly EndpointSlice[],
): ReturnType<typeof serviceTargets> {
  const bundle: ServiceBundle = { service: service('shop', options), slices, health: undefined };
  const { check } = parseServiceCheck(bundle.service);
  if (!check) throw new Error('the options ask for no check');
  return serviceTargets(bundle, check);
}

/** What is probed, then the name under which it is judged. */
const cases: readonly (readonly [
  why: string,
  options: Record<string, string>,
  slices: readonly EndpointSlice[],
  targets: readonly string[],
])[] = [
  [
    'first port of the slice',
    {},
    [slice('shop', ['10.0.0.1'], [web, admin])],
    ['10.0.0.1:8080 as 8080'],
  ],
  ['first TCP port', {}, [slice('shop', ['10.0.0.1'], [dns, web])], ['10.0.0.1:8080 as 53']],
  [
    'a port by name',
    { '-port': 'admin' },
    [slice('shop', ['10.0.0.1'], [web, admin])],
    ['10.0.0.1:9090 as 8080'],
  ],
  [
    'a port by number, listed or not',
    { '-port': '7070' },
    [slice('shop', ['10.0.0.1'], [dns])],
    ['10.0.0.1:7070 as 53'],
  ],
  [
    'a number where the slice lists no port',
    { '-port': '7070' },
    [slice('shop', ['10.0.0.1'], [])],
    ['10.0.0.1:7070 as 0'],
  ],
  ['IPv6', {}, [slice('shop', ['fd00::1'])], ['fd00::1:8080 as 8080']],
  [
    'an endpoint that two slices list, once',
    {},
    [slice('shop', ['10.0.0.1', '10.0.0.2']), slice('shop', ['10.0.0.2', '10.0.0.3'])],
    ['10.0.0.1:8080 as 8080', '10.0.0.2:8080 as 8080', '10.0.0.3:8080 as 8080'],
  ],
  ['no host names', {}, [{ ...slice('shop', ['a.example']), addressType: 'FQDN' }], []],
];

for (const [why, options, slices, expected] of cases) {
  test(`targets: ${why}`, () => {
    const { targets, problems } = targetsOf({ '': 'tcp', ...options }, slices);
    const seen = targets.map(({ target, port }) =>
      target.kind === 'exec' ? 'exec' : `${target.address}:${target.port} as ${port}`,
    );
    deepEqual(seen, expected);
    deepEqual(problems, []);
  });
}

test('a slice without the port is reported and not checked; others are', () => {
  const { targets, problems } = targetsOf({ '': 'tcp', '-port': 'admin' }, [
    slice('shop', ['10.0.0.1'], [dns, web]),
    slice('shop', ['10.0.0.2'], [admin]),
  ]);
  deepEqual(
    targets.map(({ address }) => address),
    ['10.0.0.2'],
  );
  equal(problems.length, 1);
  match(
    problems[0]?.message ?? '',
    /slice shop-1 has no TCP port named "admin" \(its ports: dns, web\)/i,
  );
});

test('each type of check carries its options', () => {
  const one = [slice('shop', ['10.0.0.1'])];
  const common = { address: '10.0.0.1', port: 8080 };
  const grpc = targetsOf({ '': 'grpc', '-grpc-service': 'cart', '-host': 'cart.example' }, one);
  deepEqual(grpc.targets[0]?.target, {
    ...common,
    kind: 'grpc',
    service: 'cart',
    host: 'cart.example',
  });
  const https = targetsOf({ '': 'https', '-path': '/ok', '-verify-tls': 'true' }, one);
  deepEqual(https.targets[0]?.target, {
    ...common,
    kind: 'https',
    path: '/ok',
    host: undefined,
    headers: [],
    expectedStatus: undefined,
    verifyTls: true,
  });
});
