import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress, IngressAddress, IngressClass } from '../../../controller/objects/index.ts';
import { EventRecorder } from '../store/event-recorder.ts';
import { ingress } from '../store/objects.ts';
import { ReconcileHarness } from './harness.ts';

function ingressClass(name: string, isDefault: boolean): IngressClass {
  const annotations = { 'ingressclass.kubernetes.io/is-default-class': String(isDefault) };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name, annotations },
    spec: { controller: 'portolan.dev/ingress' },
  };
}

const classOf = (harness: ReconcileHarness): string | undefined =>
  harness.store.get('Ingress', 'shop', 'web')?.spec?.ingressClassName;

test('an Ingress without class gets the newest default class', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(ingressClass('old', true), ingressClass('none', false));
  harness.clock.advance(1000);
  await harness.put(ingressClass('new', true), ingress('shop/web'));
  equal(classOf(harness), 'new');
  using recorder = new EventRecorder(harness.store, {});
  await harness.put(ingress('shop/web'));
  deepEqual(recorder.lines, [], 'applying the manifest again takes nothing away');
});

test('a default class that comes later is given too', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(ingress('shop/web'));
  equal(classOf(harness), undefined);
  await harness.put(ingressClass('portolan', true));
  equal(classOf(harness), 'portolan');
});

test('a class by field or annotation is left alone', async () => {
  await using harness = new ReconcileHarness();
  const legacy = ingress('shop/web');
  const annotations = { 'kubernetes.io/ingress.class': 'nginx' };
  await harness.put(ingressClass('portolan', true), {
    ...legacy,
    metadata: { ...legacy.metadata, annotations },
  });
  equal(classOf(harness), undefined);
  await harness.put(ingress('shop/web', 'other'));
  equal(classOf(harness), 'other');
});

const statusOf = (harness: ReconcileHarness): readonly IngressAddress[] | undefined =>
  harness.store.get('Ingress', 'shop', 'web')?.status?.loadBalancer?.ingress;
const ours = (object: Ingress): boolean => object.spec?.ingressClassName === 'ours';

test('served Ingresses say where they are reached, in a fixed order', async () => {
  const addresses = () => [{ hostname: 'b.example' }, { ip: '127.0.0.9' }, { ip: '127.0.0.1' }];
  await using harness = new ReconcileHarness({ ingressStatus: { served: ours, addresses } });
  await harness.put(ingress('shop/web', 'ours'));
  const want = [{ ip: '127.0.0.1' }, { ip: '127.0.0.9' }, { hostname: 'b.example' }];
  deepEqual(statusOf(harness), want);
  await harness.put(ingress('shop/web', 'theirs'));
  deepEqual(statusOf(harness), [], 'no longer served');
});

test('the status follows the addresses', async () => {
  let addresses: readonly IngressAddress[] = [{ ip: '127.0.0.1' }];
  await using harness = new ReconcileHarness({
    ingressStatus: { served: ours, addresses: () => addresses },
  });
  await harness.put(ingress('shop/web', 'ours'));
  addresses = [{ ip: '127.0.0.2' }];
  harness.running.refreshIngressStatus();
  await harness.settled();
  deepEqual(statusOf(harness), [{ ip: '127.0.0.2' }]);
});

test('the status of a foreign Ingress is never touched', async () => {
  const addresses = () => [{ ip: '127.0.0.1' }];
  await using harness = new ReconcileHarness({ ingressStatus: { served: ours, addresses } });
  const foreign: Ingress = {
    ...ingress('shop/web', 'theirs'),
    status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
  };
  await harness.put(foreign);
  deepEqual(statusOf(harness), [{ ip: '192.0.2.1' }]);
});

test('our addresses are taken back also after a restart', async () => {
  const addresses = () => [{ ip: '127.0.0.1' }];
  await using harness = new ReconcileHarness({ ingressStatus: { served: ours, addresses } });
  await harness.put(ingress('shop/web', 'ours'));
  await harness.stop();
  await harness.store.update(ingress('shop/web', 'theirs'));
  await harness.settled();
  deepEqual(statusOf(harness), []);
});
