import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { type Log, silentLog } from '../../../controller/base/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { storeConformance } from './conformance.ts';
import { EventRecorder } from './event-recorder.ts';
import { ingress, service } from './objects.ts';

storeConformance('memory store', createMemoryStore);

test('a listener that throws is logged and hurts no other', async () => {
  const errors: object[] = [];
  const log: Log = { ...silentLog, error: (fields) => void errors.push(fields) };
  const store = createMemoryStore({ clock: new FakeClock(), log });
  using _broken = store.watch({}, () => {
    throw new Error('boom');
  });
  using recorder = new EventRecorder(store, {});
  await store.create(service('shop/web'));
  await store.create(service('shop/api'));
  equal(recorder.events.length, 2);
  match(JSON.stringify(errors), /boom/);
});

test('a bookmark tells a watcher of versions that did not concern it', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  using recorder = new EventRecorder(store, { kinds: ['Service'], allowWatchBookmarks: true });
  clock.advance(60_000);
  deepEqual(recorder.lines, [], 'nothing happened, nothing to tell');
  await store.create(ingress('shop/web'));
  clock.advance(60_000);
  deepEqual(recorder.lines, ['BOOKMARK']);
  await store.create(service('shop/web'));
  clock.advance(60_000);
  deepEqual(recorder.lines, ['BOOKMARK', 'ADDED Service shop/web'], 'the event told the version');
});

test('disposing a watch ends its bookmarks', () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  store.watch({ allowWatchBookmarks: true }, () => {})[Symbol.dispose]();
  equal(clock.pending, 0);
});

test('an Ingress keeps the class that it got by default', async () => {
  const store = createMemoryStore({ clock: new FakeClock() });
  const marked = ingress('shop/web', 'portolan');
  const annotations = { 'portolan.dev/defaulted-ingress-class': 'portolan' };
  await store.create({ ...marked, metadata: { ...marked.metadata, annotations } });
  const [again] = await store.writeAll([{ kind: 'put', object: ingress('shop/web') }]);
  equal(again?.kind, 'unchanged');
  await store.update(ingress('shop/web', 'other'));
  const left = await store.update(ingress('shop/web'));
  equal(left.spec?.ingressClassName, undefined, 'a class that was asked for can be taken away');
});
