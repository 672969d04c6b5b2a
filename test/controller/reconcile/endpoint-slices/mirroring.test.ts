import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Endpoints, EndpointSubset } from '../../../../controller/objects/index.ts';
import { service } from '../../store/objects.ts';
import { ReconcileHarness } from '../harness.ts';

const web = service('shop/web', { ports: [{ port: 80 }] });

function endpoints(
  subsets: readonly EndpointSubset[],
  metadata: Partial<Endpoints['metadata']> = {},
): Endpoints {
  const meta = { namespace: 'shop', name: 'web', ...metadata };
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: meta, subsets };
}

const one: EndpointSubset = { addresses: [{ ip: '127.0.0.2' }], ports: [{ port: 8080 }] };

test('subsets become slices by family and ports', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(
    web,
    endpoints([
      { ...one, notReadyAddresses: [{ ip: '127.0.0.3', hostname: 'x' }, { ip: 'fd01::3' }] },
      { addresses: [{ ip: '127.0.0.4' }], ports: [{ name: 'alt', port: 9090 }] },
    ]),
  );
  deepEqual(harness.sliceLines('shop/web').toSorted(), [
    '127.0.0.2,127.0.0.3 :8080',
    '127.0.0.4 alt:9090',
    'fd01::3 :8080',
  ]);
  const all = harness.slices('shop/web');
  const byAddress = new Map(
    all.flatMap((slice) => slice.endpoints).map((one) => [one.addresses[0], one]),
  );
  equal(byAddress.get('127.0.0.2')?.conditions?.ready, true);
  equal(byAddress.get('127.0.0.3')?.conditions?.ready, false);
  equal(byAddress.get('127.0.0.3')?.hostname, 'x');
  equal(
    all[0]?.metadata.labels?.['endpointslice.kubernetes.io/managed-by'],
    'endpointslicemirroring-controller.k8s.io',
  );
});

const skipped = [
  [
    'the label says so',
    web,
    endpoints([one], { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
  ],
  [
    'it holds a leader election',
    web,
    endpoints([one], { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }),
  ],
  [
    'the Service has a selector',
    service('shop/web', { selector: { app: 'none' } }),
    endpoints([one]),
  ],
  ['there is no Service', service('shop/other'), endpoints([one])],
] as const;
for (const [why, owner, object] of skipped) {
  test(`not mirrored: ${why}`, async () => {
    await using harness = new ReconcileHarness();
    await harness.put(owner, object);
    deepEqual(harness.sliceLines('shop/web').filter(Boolean), []);
  });
}

for (const kind of ['Endpoints', 'Service'] as const) {
  test(`slices go with their ${kind}`, async () => {
    await using harness = new ReconcileHarness();
    await harness.put(web, endpoints([one]));
    equal(harness.slices('shop/web').length, 1);
    await harness.delete(kind, 'shop/web');
    equal(harness.slices('shop/web').length, 0);
  });
}

test('annotations are copied, weights with them', async () => {
  await using harness = new ReconcileHarness();
  const annotations = {
    'portolan.dev/weights': '127.0.0.2=5',
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
  };
  await harness.put(web, endpoints([one], { annotations }));
  deepEqual(harness.slices('shop/web')[0]?.metadata.annotations, {
    'portolan.dev/weights': '127.0.0.2=5',
    'portolan.dev/generated-from': 'endpoints',
  });
});

test('too many addresses and names in place of addresses are reported', async () => {
  await using harness = new ReconcileHarness();
  const many = Array.from({ length: 1001 }, (_, n) => ({ ip: `10.0.${n >> 8}.${n & 255}` }));
  await harness.put(
    web,
    endpoints([
      { addresses: many, ports: [{ port: 1 }] },
      { addresses: [{ ip: 'db.example' }], ports: [{ port: 2 }] },
    ]),
  );
  deepEqual(harness.problems.reasons, ['InvalidAddress', 'TooManyEndpoints']);
  equal(harness.slices('shop/web').flatMap((slice) => slice.endpoints).length, 1000);
});
