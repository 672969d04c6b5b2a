import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { type Problem, silentLog } from '../../../../controller/base/index.ts';
import { ApiClient, EventRecorder } from '../../../../controller/sources/kubernetes/index.ts';
import { createMemoryStore } from '../../../../controller/store/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeKubernetesApi } from '../../../fakes/kubernetes-api.ts';
import { service } from '../../store/objects.ts';
import { plainAccess } from './follow.ts';

const problem: Problem = {
  severity: 'error',
  reason: 'NoSuchService',
  message: 'no backend',
  object: { kind: 'Service', namespace: 'shop', name: 'web', field: 'spec.ports[0]' },
};

test('a problem with an object is an Event; again, it counts on; of what is not there, none', async () => {
  await using api = await FakeKubernetesApi.start();
  await using access = plainAccess(api.url);
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.create(service('shop/web'));
  const client = new ApiClient(access, 'test');
  await using recorder = new EventRecorder({
    client,
    store,
    clock: new FakeClock(),
    log: silentLog,
    nodeName: 'node-1',
  });
  recorder.record(problem);
  recorder.record(problem);
  recorder.record({ ...problem, object: { kind: 'Service', namespace: 'shop', name: 'gone' } });
  recorder.record({ severity: 'error', reason: 'Other', message: 'about no object' });
  await recorder.idle();
  const [made, patched, ...others] = api.requests;
  deepEqual(others, []);
  equal(made?.method, 'POST');
  equal(made?.path, '/api/v1/namespaces/shop/events');
  const body = (made?.body ?? {}) as Record<string, Record<string, unknown>>;
  const { involvedObject, reason, type } = body;
  deepEqual([reason, type], ['NoSuchService', 'Warning']);
  equal(involvedObject?.['uid'], store.get('Service', 'shop', 'web')?.metadata.uid);
  equal(involvedObject?.['fieldPath'], 'spec.ports[0]');
  equal(patched?.method, 'PATCH');
  const { count } = (patched?.body ?? {}) as { readonly count?: number };
  equal(count, 2);
});

test('an API that refuses Events is not asked twice for one', async () => {
  await using api = await FakeKubernetesApi.start();
  api.forbidden.add('/api/v1/events');
  await using access = plainAccess(api.url);
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.create(service('shop/web'));
  await using recorder = new EventRecorder({
    client: new ApiClient(access, 'test'),
    store,
    clock: new FakeClock(),
    log: silentLog,
    nodeName: 'node-1',
  });
  recorder.record(problem);
  await recorder.idle();
  ok(api.requests.length === 1);
});
