import { deepEqual, equal, ok, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KubeObject } from '../../../controller/objects/index.ts';
import {
  createMemoryStore,
  type OpenStore,
  objectTypeOf,
  StoreError,
} from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { service } from './objects.ts';

const open = (): OpenStore => createMemoryStore({ clock: new FakeClock(), historyLimit: 8 });

const widget = (name: string, rest: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: 'example.dev/v1',
  kind: 'Widget',
  metadata: { namespace: 'shop', name, ...metadata },
  ...rest,
});
const type = 'Widget.example.dev';

const types = [
  ['v1', 'Service', 'Service'],
  ['v1', 'Event', 'Event'],
  ['networking.k8s.io/v1', 'Ingress', 'Ingress'],
  ['apps/v1', 'Deployment', 'Deployment.apps'],
  ['example.dev/v1', 'Service', 'Service.example.dev'],
] as const;
for (const [apiVersion, kind, wanted] of types) {
  test(`${apiVersion} ${kind} is stored as ${wanted}`, () => {
    equal(objectTypeOf(apiVersion, kind), wanted);
  });
}

describe('objects of any type', () => {
  test('are written, counted and found as known ones are', async () => {
    const { objects } = open();
    const created = await objects.create(widget('a', { spec: { size: 1 } }));
    equal(created.metadata.generation, 1);
    const updated = await objects.update(widget('a', { spec: { size: 2 } }));
    equal(updated.metadata.generation, 2);
    const judged = await objects.updateStatus(widget('a', { status: { ready: true } }));
    equal(judged.metadata.generation, 2);
    deepEqual(objects.get(type, 'shop', 'a'), judged);
    deepEqual(objects.list(type, { labelSelector: 'a=b' }).items, []);
    deepEqual(objects.types(), [type]);
  });

  test('known kinds are the same objects on both sides', async () => {
    const store = open();
    await store.create(service('shop/web'));
    equal(store.objects.get('Service', 'shop', 'web'), store.get('Service', 'shop', 'web'));
  });

  test('watches of every known kind do not hear of others', async () => {
    const store = open();
    const known: string[] = [];
    const any: string[] = [];
    using _known = store.watch({}, (events) => known.push(...events.map(({ type }) => type)));
    using _any = store.objects.watch({}, (events) => any.push(...events.map(({ type }) => type)));
    await store.objects.create(widget('a'));
    deepEqual(known, []);
    deepEqual(any, ['ADDED']);
  });

  test('a kind of ours in a foreign version is refused', async () => {
    await rejects(
      open().objects.create({
        apiVersion: 'v2',
        kind: 'Service',
        metadata: { namespace: 'shop', name: 'web' },
      }),
      (error) => error instanceof StoreError && error.code === 'Invalid',
    );
  });

  test('Events are found by what they are about', async () => {
    const { objects } = open();
    const event = (name: string, about: string): KubeObject => ({
      ...widget(name, { involvedObject: { kind: 'Service', name: about } }),
      apiVersion: 'v1',
      kind: 'Event',
    });
    await objects.create(event('one', 'web'));
    await objects.create(event('two', 'api'));
    const { items } = objects.list('Event', { fieldSelector: 'involvedObject.name=web' });
    deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['one'],
    );
    throws(() => objects.list(type, { fieldSelector: 'involvedObject.name=web' }));
  });
});

describe('deletion', () => {
  test('without finalizers is at once', async () => {
    const { objects } = open();
    await objects.create(widget('a'));
    await objects.delete(type, 'shop', 'a');
    equal(objects.get(type, 'shop', 'a'), undefined);
  });

  test('waits for finalizers, cannot be taken back, and ends with the last', async () => {
    const { objects } = open();
    await objects.create(widget('a', {}, { finalizers: ['example.dev/one'] }));
    const marked = await objects.delete(type, 'shop', 'a');
    ok(marked.metadata.deletionTimestamp);
    equal(await objects.delete(type, 'shop', 'a'), marked);
    const kept = await objects.update(widget('a', {}, { finalizers: ['example.dev/one', 'b/c'] }));
    equal(kept.metadata.deletionTimestamp, marked.metadata.deletionTimestamp);
    await objects.update(widget('a'));
    equal(objects.get(type, 'shop', 'a'), undefined);
  });
});
