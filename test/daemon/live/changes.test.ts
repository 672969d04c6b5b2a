import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { changedFields } from '../../../daemon/live/changed-fields.ts';
import { ChangeHistory } from '../../../daemon/live/index.ts';
import { FakeClock } from '../../fakes/clock.ts';

const differences: readonly (readonly [
  name: string,
  before: unknown,
  after: unknown,
  fields: readonly string[],
])[] = [
  ['equal', { a: 1 }, { a: 1 }, []],
  ['a value', { spec: { a: 1 } }, { spec: { a: 2 } }, ['spec.a']],
  ['an item', { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] }, ['a[1].b']],
  ['another length', { a: [1] }, { a: [1, 2] }, ['a']],
  ['added and removed', { a: 1 }, { b: 1 }, ['a', 'b']],
  [
    'what every write changes',
    { metadata: { resourceVersion: '1' } },
    { metadata: { resourceVersion: '2' } },
    [],
  ],
  ['another type', { a: { b: 1 } }, { a: [1] }, ['a']],
];
for (const [name, before, after, fields] of differences) {
  test(`differences: ${name}`, () => deepEqual(changedFields(before, after), fields));
}

test('no more fields are named than are read', () => {
  const many = (value: number) =>
    Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, value]));
  equal(changedFields(many(1), many(2)).length, 6);
});

const configMap = (data: Readonly<Record<string, string>>) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'shop', name: 'c' },
    data,
  }) as const;

test('remembers what changed, and of Secrets only that they did', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  await store.create(configMap({ before: 'the history' }));
  using history = new ChangeHistory(store, clock);
  await store.update(configMap({ mode: 'on' }));
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: 'shop', name: 's' },
  } as const;
  await store.create({ ...secret, data: { password: 'aHVudGVyMg==' } });
  await store.update({ ...secret, data: { password: 'c2VjcmV0' } });
  await store.delete('ConfigMap', 'shop', 'c');
  deepEqual(
    history.since(0).map(({ type, kind, name, fields }) => [type, kind, name, ...fields]),
    [
      ['changed', 'ConfigMap', 'c', 'data.before', 'data.mode'],
      ['added', 'Secret', 's'],
      ['changed', 'Secret', 's'],
      ['deleted', 'ConfigMap', 'c'],
    ],
  );
  deepEqual(
    history.since(3).map(({ sequence }) => sequence),
    [4],
  );
});

test('history is bounded', async () => {
  const clock = new FakeClock();
  const store = createMemoryStore({ clock });
  using history = new ChangeHistory(store, clock);
  await store.create(configMap({ n: '0' }));
  for (let n = 1; n < 600; n += 1) await store.update(configMap({ n: String(n) }));
  equal(history.since(0).length, 500);
  ok(history.since(0).at(-1)?.sequence === 600);
});
