import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointHealth, Secret, Service } from '../../../../controller/objects/index.ts';
import { collectionPath } from '../../../../controller/sources/kubernetes/followed-kinds.ts';
import { FakeKubernetesApi } from '../../../fakes/kubernetes-api.ts';
import { EventRecorder } from '../../store/event-recorder.ts';
import { configMap, ingress, service } from '../../store/objects.ts';
import { eventually, type Followed, follow } from './follow.ts';

const services = collectionPath('Service');
const names = ({ store }: Followed): string =>
  store
    .list('Service')
    .items.map(({ metadata }) => metadata.name)
    .join(' ');
const watching = (api: FakeKubernetesApi): Promise<void> =>
  eventually('every kind is watched', () => api.watches === 10);

test('what the cluster has is there when ready, what changes follows', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(service('shop/web', { type: 'NodePort' }));
  await using followed = follow(api);
  await followed.store.ready();
  equal(followed.store.get('Service', 'shop', 'web')?.spec?.type, 'NodePort');
  using recorder = new EventRecorder(followed.store, { kinds: ['Service'] });
  await watching(api);
  api.put(service('shop/api'));
  api.put(service('shop/web', { type: 'ClusterIP' }));
  api.delete(service('shop/api'));
  deepEqual(await recorder.until(3), [
    'ADDED Service shop/api',
    'MODIFIED Service shop/web',
    'DELETED Service shop/api',
  ]);
});

test('a list comes in pages, and no page is lost', async () => {
  await using api = await FakeKubernetesApi.start();
  for (let n = 0; n < 1203; n += 1) api.put(service(`shop/s${n}`));
  await using followed = follow(api);
  await followed.store.ready();
  equal(followed.store.list('Service').items.length, 1203);
  const lists = api.requests.filter(
    ({ path, query }) => path === services && query.get('watch') === null,
  );
  equal(lists.length, 3);
});

test('half a world is not ready: a slow list is waited for', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(service('shop/web'));
  const gate = Promise.withResolvers<void>();
  api.gate = gate.promise;
  await using followed = follow(api);
  let ready = false;
  const whenReady = followed.store.ready().then(() => {
    ready = true;
  });
  await eventually('the list is asked for', () => api.requests.length >= 10);
  equal(ready, false);
  gate.resolve();
  await whenReady;
  equal(names(followed), 'web');
});

test('a watch that breaks is resumed from where it was: nothing is listed again', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(service('shop/web'));
  await using followed = follow(api);
  await followed.store.ready();
  await watching(api);
  using recorder = new EventRecorder(followed.store, { kinds: ['Service'] });
  const asked = api.requests.length;
  api.dropWatches();
  api.put(service('shop/api'));
  deepEqual(await recorder.until(1), ['ADDED Service shop/api']);
  await watching(api);
  const again = api.requests.slice(asked);
  ok(again.every(({ query }) => query.get('watch') === 'true'));
});

test('a bookmark is where the next watch resumes', async () => {
  await using api = await FakeKubernetesApi.start();
  await using followed = follow(api);
  await followed.store.ready();
  await watching(api);
  api.put(configMap('shop/other'));
  api.bookmark();
  api.put(service('shop/web'));
  await eventually('the event after the bookmark has arrived', () => names(followed) === 'web');
  api.dropWatches();
  const asked = api.requests.length;
  await watching(api);
  const versions = api.requests.slice(asked).map(({ query }) => query.get('resourceVersion'));
  ok(
    versions.every((one) => Number(one) >= 101),
    versions.join(' '),
  );
});

test('a version that is gone costs a list; only true differences are events', async () => {
  await using api = await FakeKubernetesApi.start();
  for (const name of ['stays', 'changes', 'goes']) api.put(service(`shop/${name}`));
  await using followed = follow(api);
  await followed.store.ready();
  await watching(api);
  using recorder = new EventRecorder(followed.store, {});
  await api.goAway();
  api.put(service('shop/changes', { type: 'NodePort' }));
  api.put(service('shop/comes'));
  api.delete(service('shop/goes'));
  api.expire();
  await api.listen();
  deepEqual((await recorder.until(3)).toSorted(), [
    'ADDED Service shop/comes',
    'DELETED Service shop/goes',
    'MODIFIED Service shop/changes',
  ]);
  await watching(api);
  equal(recorder.events.length, 3);
});

test('an outage changes nothing; age and problem say so, and go', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(service('shop/web'));
  await using followed = follow(api);
  await followed.store.ready();
  await watching(api);
  using recorder = new EventRecorder(followed.store, {});
  await api.goAway();
  const age = (): number =>
    followed.meter.values.get('portolan_cluster_data_age_seconds{kind="Service"}') ?? 0;
  await eventually('the age grows', () => age() > 0);
  equal(names(followed), 'web');
  deepEqual(recorder.events, []);
  await api.listen();
  await eventually('it is current again', () => age() === 0);
  deepEqual(followed.problems.reasons, []);
});

test('410 again and again: back-off, then all is well', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(service('shop/web'));
  await using followed = follow(api);
  await followed.store.ready();
  using recorder = new EventRecorder(followed.store, {});
  for (let round = 0; round < 5; round += 1) {
    await watching(api);
    api.expire();
  }
  await watching(api);
  deepEqual(recorder.events, [], 'no flapping');
  api.put(service('shop/api'));
  deepEqual(await recorder.until(1), ['ADDED Service shop/api']);
});

test('a kind that may not be read is a problem that names it; the others follow', async () => {
  await using api = await FakeKubernetesApi.start();
  api.forbidden.add(collectionPath('Secret'));
  api.put(service('shop/web'));
  await using followed = follow(api);
  await eventually('the problem is told', () => followed.problems.reasons.length > 0);
  await eventually('Services follow all the same', () => names(followed) === 'web');
  const [problem] = followed.problems.all;
  equal(problem?.reason, 'ClusterForbidden');
  match(problem?.message ?? '', /^secrets /);
});

test('kinds whose definition is not installed are no problem', async () => {
  await using api = await FakeKubernetesApi.start();
  api.absent.add(collectionPath('VirtualIP')).add(collectionPath('AddressPool'));
  await using followed = follow(api);
  await followed.store.ready();
  deepEqual(followed.problems.reasons, []);
});

test('of the cluster only status is written, and is visible at once', async () => {
  await using api = await FakeKubernetesApi.start();
  api.put(ingress('shop/web', 'portolan'));
  await using followed = follow(api);
  await followed.store.ready();
  const found = followed.store.get('Ingress', 'shop', 'web');
  ok(found);
  const status = { loadBalancer: { ingress: [{ ip: '127.0.0.9' }] } };
  await followed.store.updateStatus({ ...found, status });
  deepEqual(followed.store.get('Ingress', 'shop', 'web')?.status, status);
  const written = api.requests.find(({ method }) => method === 'PATCH');
  equal(written?.path, '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/web/status');
  await rejects(followed.store.update(found), /live in the cluster: write them with kubectl/);
  const [refused] = await followed.store.writeAll([{ kind: 'put', object: found }]);
  equal(refused?.kind, 'failed');
});

test('what this daemon finds out itself stays with it', async () => {
  await using api = await FakeKubernetesApi.start();
  await using followed = follow(api);
  await followed.store.ready();
  const health: EndpointHealth = {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'EndpointHealth',
    metadata: { namespace: 'shop', name: 'web' },
    status: { endpoints: [] },
  };
  const asked = api.requests.length;
  await followed.store.create(health);
  ok(followed.store.get('EndpointHealth', 'shop', 'web'));
  equal(
    api.requests.slice(asked).some(({ method }) => method !== 'GET'),
    false,
  );
});

test('only needed fields are kept', async () => {
  await using api = await FakeKubernetesApi.start();
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'x' };
  const metadata = { namespace: 'shop', name: 'web', annotations, managedFields: [{}] };
  const web: Service = { ...service('shop/web'), metadata };
  api.put(web);
  await using followed = follow(api);
  await followed.store.ready();
  const kept = followed.store.get('Service', 'shop', 'web')?.metadata;
  deepEqual(kept?.annotations, { mine: 'x' });
  equal(kept && 'managedFields' in kept, false);
  const asked = api.requests.find(({ path }) => path === collectionPath('Secret'));
  match(asked?.query.get('fieldSelector') ?? '', /type!=helm\.sh\/release\.v1/);
});

test('contents of Secrets are in no problem', async () => {
  await using api = await FakeKubernetesApi.start();
  const secret: Secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name: 'tls' },
    data: { 'tls.key': 'aHVzaA==' },
  };
  api.put(secret);
  await using followed = follow(api);
  await followed.store.ready();
  await rejects(followed.store.update(secret), (error) => !String(error).includes('aHVzaA'));
});
