import { equal, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../../../controller/base/index.ts';
import { LeftBehind } from '../../../../controller/sources/manifests/left-behind.ts';
import type { DefinedObject } from '../../../../controller/sources/manifests/manifest-set.ts';
import { createMemoryStore, type Store } from '../../../../controller/store/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { service } from '../../store/objects.ts';

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'portolan-left-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
}

const web: Omit<DefinedObject, 'file'> = { kind: 'Service', namespace: 'shop', name: 'web' };

/** One run of a daemon whose manifests define these. */
async function run(
  record: string,
  store: Store,
  defined: readonly DefinedObject[],
  isBroken = false,
): Promise<void> {
  const clock = new FakeClock();
  const log = silentLog;
  await using _kept = await LeftBehind.start({
    path: record,
    store,
    defined: () => defined,
    isBroken: () => isBroken,
    clock,
    log,
  });
}

test('what manifests defined, and define no more, is removed; what others made is not', async (context) => {
  const path = folder(context);
  const record = join(path, 'record.json');
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.create(service('shop/web'));
  await store.create(service('shop/api'));
  await run(record, store, [{ ...web, file: join(path, 'web.yaml') }]);
  await run(record, store, []);
  equal(store.get('Service', 'shop', 'web'), undefined);
  ok(store.get('Service', 'shop', 'api'));
});

test('one of the same name that somebody made since stays', async (context) => {
  const path = folder(context);
  const record = join(path, 'record.json');
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.create(service('shop/web'));
  await run(record, store, [{ ...web, file: join(path, 'web.yaml') }]);
  await store.delete('Service', 'shop', 'web');
  await store.create(service('shop/web'));
  await run(record, store, []);
  ok(store.get('Service', 'shop', 'web'));
});

test('a manifest that is merely broken removes nothing; nor does a broken record', async (context) => {
  const path = folder(context);
  const record = join(path, 'record.json');
  const file = join(path, 'web.yaml');
  writeFileSync(file, '{');
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.create(service('shop/web'));
  await run(record, store, [{ ...web, file }]);
  await run(record, store, [], true);
  ok(store.get('Service', 'shop', 'web'));
  await run(record, store, [{ ...web, file }]);
  writeFileSync(record, '[{');
  await run(record, store, []);
  ok(store.get('Service', 'shop', 'web'));
});
