import { deepEqual, equal, match, notEqual, ok, rejects } from 'node:assert/strict';
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { copyStore } from '../../../../controller/store/index.ts';
import type { DurableStore } from '../../../../controller/store/sqlite/durable-store.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { storeConformance } from '../conformance.ts';
import { EventRecorder } from '../event-recorder.ts';
import { configMap, service } from '../objects.ts';
import { FullJournal } from './full-journal.ts';
import { openStore, Scratch } from './scratch.ts';

const conformance = new Scratch();
const opened: DurableStore[] = [];
after(async () => {
  await Promise.all(opened.map((store) => store[Symbol.asyncDispose]()));
  conformance[Symbol.dispose]();
});
storeConformance('durable store', async (options) => {
  const store = await openStore(conformance.file(`${opened.length}.db`), options);
  opened.push(store);
  return store;
});

test('a restart finds everything, and versions go on', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  let version = '';
  {
    await using store = await openStore(path);
    await store.create(service('shop/web', { type: 'NodePort' }));
    await store.create(service('shop/gone'));
    await store.delete('Service', 'shop', 'gone');
    version = store.resourceVersion;
  }
  await using store = await openStore(path);
  equal(store.resourceVersion, version);
  deepEqual(
    store.list('Service').items.map(({ metadata, spec }) => [metadata.name, spec?.type]),
    [['web', 'NodePort']],
  );
  const next = await store.create(service('shop/next'));
  equal(Number(next.metadata.resourceVersion), Number(version) + 1);
});

test('objects of any type outlive a restart', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  const widget = {
    apiVersion: 'example.dev/v1',
    kind: 'Widget',
    metadata: { namespace: 'shop', name: 'a' },
  };
  {
    await using store = await openStore(path);
    await store.objects.create(widget);
  }
  await using store = await openStore(path);
  equal(store.objects.get('Widget.example.dev', 'shop', 'a')?.kind, 'Widget');
});

test('a watch resumes over a restart, with what objects were before', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  let resourceVersion = '';
  {
    await using store = await openStore(path);
    await store.create(configMap('shop/a', {}, { on: '' }));
    ({ resourceVersion } = store);
    await store.update(configMap('shop/a', { n: '1' }));
    await store.create(service('shop/web'));
  }
  await using store = await openStore(path);
  using recorder = new EventRecorder(store, {
    kinds: ['ConfigMap'],
    labelSelector: 'on',
    resourceVersion,
  });
  deepEqual(await recorder.until(1), ['DELETED ConfigMap shop/a']);
});

test('old changes are forgotten, on the disk too', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  {
    await using store = await openStore(path, { historyLimit: 8 });
    for (let n = 0; n < 50; n += 1) {
      await (n === 0
        ? store.create(configMap('shop/a', { n: '0' }))
        : store.update(configMap('shop/a', { n: `${n}` })));
    }
  }
  using database = new DatabaseSync(path, { readOnly: true });
  const kept = Number(database.prepare('SELECT count(*) AS n FROM changes').get()?.['n']);
  ok(kept >= 8 && kept <= 16, `${kept}`);
  await using store = await openStore(path, { historyLimit: 8 });
  const watch = (resourceVersion: string): Disposable => store.watch({ resourceVersion }, () => {});
  await rejects(async () => watch('1'), { code: 'Expired' });
  watch(String(Number(store.resourceVersion) - 8))[Symbol.dispose]();
});

test('writes of one moment share a sync; each has its own outcome', async () => {
  using scratch = new Scratch();
  await using store = await openStore(scratch.file('store.db'));
  const writes = Array.from({ length: 100 }, (_, n) => store.create(service(`shop/s${n % 90}`)));
  const results = await Promise.allSettled(writes);
  equal(results.filter(({ status }) => status === 'fulfilled').length, 90);
  equal(store.list('Service').items.length, 90);
});

test('a full disk refuses writes, reads go on, and room heals it', async () => {
  const journal = new FullJournal();
  const problems = new ProblemBook();
  await using store = await openStore('/data/store.db', { journal, problems });
  using recorder = new EventRecorder(store, {});
  await store.create(service('shop/web'));
  journal.isFull = true;
  const { resourceVersion } = store;
  await rejects(store.create(service('shop/api')), { code: 'InsufficientStorage' });
  await rejects(store.delete('Service', 'shop', 'web'), { code: 'InsufficientStorage' });
  await rejects(store.writeAll([{ kind: 'put', object: service('shop/db') }]), {
    code: 'InsufficientStorage',
  });
  equal(store.resourceVersion, resourceVersion, 'nothing of it is visible');
  ok(store.get('Service', 'shop', 'web'));
  equal(store.get('Service', 'shop', 'api'), undefined);
  deepEqual(problems.reasons, ['StoreNotWritable']);
  journal.isFull = false;
  const created = await store.create(service('shop/api'));
  equal(Number(created.metadata.resourceVersion), Number(resourceVersion) + 1);
  deepEqual(problems.reasons, []);
  deepEqual(recorder.lines, ['ADDED Service shop/web', 'ADDED Service shop/api']);
});

test('what a full disk refuses is nowhere in a later commit', async () => {
  const journal = new FullJournal();
  await using store = await openStore('/data/store.db', { journal });
  journal.isFull = true;
  const first = store.create(service('shop/web'));
  await rejects(first, { code: 'InsufficientStorage' });
  journal.isFull = false;
  await store.create(service('shop/web'));
  equal(journal.commits, 2);
});

test('a damaged file is refused, and left as it is', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  {
    await using store = await openStore(path);
    for (let n = 0; n < 200; n += 1) {
      await store.create(configMap(`shop/m${n}`, { text: 'x'.repeat(200) }));
    }
  }
  const bytes = readFileSync(path);
  const damages: readonly (readonly [what: string, damage: (file: string) => void])[] = [
    ['cut short', (file) => truncateSync(file, Math.floor(bytes.length / 2))],
    ['text', (file) => writeFileSync(file, 'this was never a database, but it is long enough')],
    [
      'overwritten pages',
      (file) => writeFileSync(file, Buffer.from(bytes).fill(0xa5, 4096, 4096 * 6)),
    ],
  ];
  for (const [what, damage] of damages) {
    const damaged = scratch.file(`${what}.db`);
    copyFileSync(path, damaged);
    damage(damaged);
    const before = readFileSync(damaged);
    await rejects(openStore(damaged), (error: Error & { code: string }) => {
      equal(error.code, 'StoreDamaged', what);
      match(error.message, /put a copy made by portolan backup in its place, or move it away/);
      return true;
    });
    deepEqual(readFileSync(damaged), before, what);
  }
});

test("another program's database is refused", async () => {
  using scratch = new Scratch();
  const path = scratch.file('other.db');
  {
    using other = new DatabaseSync(path);
    other.exec('CREATE TABLE theirs (a)');
  }
  await rejects(openStore(path), { code: 'StoreForeign' });
});

test('a file of a newer version is refused', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  await (await openStore(path))[Symbol.asyncDispose]();
  {
    using database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
  }
  await rejects(openStore(path), /written by a newer version of portolan/);
});

test('a folder that is not there is named', async () => {
  await rejects(openStore('/nowhere/at/all/store.db'), { code: 'StoreUnusable' });
});

test('a copy is whole, made while writes go on; its versions begin beyond all given out', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  const copy = scratch.file('copy.db');
  await using store = await openStore(path);
  await store.create(service('shop/web'));
  const writing = Promise.all(
    Array.from({ length: 50 }, (_, n) => store.create(service(`shop/s${n}`))),
  );
  copyStore(path, copy);
  await writing;
  equal(statSync(copy).isFile(), true);
  await using restored = await openStore(copy);
  ok(restored.get('Service', 'shop', 'web'));
  ok(Number(restored.resourceVersion) > Number(store.resourceVersion));
  await rejects(async () => restored.watch({ resourceVersion: store.resourceVersion }, () => {}), {
    code: 'Expired',
  });
  const again = restored.resourceVersion;
  await restored[Symbol.asyncDispose]();
  await using twice = await openStore(copy);
  equal(twice.resourceVersion, again, 'it jumps once');
});

test('a copy overwrites nothing, and a failed one leaves nothing', async () => {
  using scratch = new Scratch();
  const path = scratch.file('store.db');
  await (await openStore(path))[Symbol.asyncDispose]();
  writeFileSync(scratch.file('there'), 'precious');
  const refuses = (from: string, to: string, what: RegExp): void => {
    let message = '';
    try {
      copyStore(from, to);
    } catch (error) {
      message = String(error);
    }
    match(message, what);
  };
  refuses(path, scratch.file('there'), /exists already/);
  refuses(scratch.file('none.db'), scratch.file('x'), /does not exist/);
  writeFileSync(scratch.file('junk.db'), 'junk, and enough of it to be looked at');
  refuses(scratch.file('junk.db'), scratch.file('y'), /cannot be copied/);
  notEqual(readFileSync(scratch.file('there'), 'utf8'), '');
  await rejects(async () => statSync(scratch.file('y')));
});

test('stepping the clock back or ahead changes no order', async () => {
  using scratch = new Scratch();
  let wallMs = 1_800_000_000_000;
  const clock = {
    wallMs: () => wallMs,
    nowMs: () => 0,
    schedule: () => ({ [Symbol.dispose]() {} }),
  };
  await using store = await openStore(scratch.file('store.db'), { clock });
  const versions: number[] = [];
  for (const jumpMs of [0, -86_400_000, 31_536_000_000, -1]) {
    wallMs += jumpMs;
    const { metadata } = await store.create(service(`shop/s${versions.length}`));
    versions.push(Number(metadata.resourceVersion));
  }
  deepEqual(versions, [1, 2, 3, 4]);
});
