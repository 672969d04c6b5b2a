import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { EventRecorder } from '../store/event-recorder.ts';
import { ingress, pod, service } from '../store/objects.ts';
import { ReconcileHarness } from './harness.ts';

const options = {
  serviceCidrs: ['127.96.0.0/16', 'fd00::/112'],
  ingressStatus: { served: () => true, addresses: () => [{ ip: '127.0.0.1' }] },
};

const everything = [
  service('shop/web', { selector: { app: 'web' }, ports: [{ port: 80 }] }),
  service('shop/lb', {
    type: 'LoadBalancer',
    ipFamilyPolicy: 'PreferDualStack',
    externalTrafficPolicy: 'Local',
    selector: { app: 'web' },
    ports: [{ port: 80 }],
  }),
  service('shop/quarrel', { clusterIP: '127.96.0.10' }),
  service('shop/squabble', { clusterIP: '127.96.0.10' }),
  service('shop/manual', { ports: [{ port: 80 }] }),
  pod('shop/a', { podIPs: [{ ip: '127.0.0.2' }, { ip: 'fd01::2' }] }, { app: 'web' }),
  pod('shop/b', { podIP: '127.0.0.3' }, { app: 'web' }),
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { namespace: 'shop', name: 'manual' },
    subsets: [{ addresses: [{ ip: '127.0.0.9' }], ports: [{ port: 80 }] }],
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: {
      name: 'portolan',
      annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' },
    },
  },
  ingress('shop/front'),
] as const;

test('settled means that all has followed, across reconcilers', async () => {
  await using harness = new ReconcileHarness(options);
  await harness.put(...everything);
  equal(harness.slices('shop/lb').length, 2, 'families by allocation, then slices for each');
  equal(harness.slices('shop/manual').length, 1);
  const front = harness.store.get('Ingress', 'shop', 'front');
  equal(front?.spec?.ingressClassName, 'portolan');
  deepEqual(front?.status?.loadBalancer?.ingress, [{ ip: '127.0.0.1' }]);
});

test('everything again, manifests and reconcilers, writes nothing', async () => {
  await using harness = new ReconcileHarness(options);
  await harness.put(...everything);
  using recorder = new EventRecorder(harness.store, {});
  await harness.stop();
  await harness.put(...everything);
  deepEqual(recorder.lines, []);
});

test('objects that are there before the start count, whatever their order', async () => {
  await using harness = new ReconcileHarness(options);
  await harness.store.writeAll(
    everything.toReversed().map((object) => ({ kind: 'put', object }) as const),
  );
  await harness.settled();
  deepEqual(harness.problems.reasons, ['ClusterIPInUse']);
  equal(harness.service('shop/quarrel').spec?.clusterIP, '127.96.0.10');
});

test('a service range that is none is refused at once', () => {
  const harness = new ReconcileHarness({ serviceCidrs: ['here'] });
  throws(() => harness.running, { code: 'InvalidCIDR' });
});

test('stopping leaves no timer and no watch', async () => {
  const harness = new ReconcileHarness(options);
  await harness.put(...everything);
  await harness.stop();
  equal(harness.clock.pending, 0);
  const { resourceVersion } = harness.store;
  await harness.store.create(service('shop/late'));
  await new Promise((resolve) => setImmediate(resolve));
  equal(Number(harness.store.resourceVersion), Number(resourceVersion) + 1);
});
