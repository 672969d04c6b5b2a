import { deepEqual, equal, match, ok, rejects } from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../controller/base/index.ts';
import { EtcdLease, type LeaseRecord } from '../../controller/cluster/index.ts';
import {
  createEtcdStore,
  EtcdClient,
  type EtcdStore,
  encode,
  Keys,
} from '../../controller/store/etcd/index.ts';
import { storeConformance } from '../controller/store/conformance.ts';
import { EventRecorder } from '../controller/store/event-recorder.ts';
import { configMap, service } from '../controller/store/objects.ts';
import { FakeClock } from '../fakes/clock.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { program, skipWithout } from '../requirements.ts';
import { EtcdServer } from './etcd.ts';

const skip = skipWithout(program('etcd', 'etcd-server'));
let server: EtcdServer | undefined;
const opened = new AsyncDisposableStack();
let prefixes = 0;

before(async () => {
  if (skip === false) server = await EtcdServer.start();
});
after(async () => {
  await opened.disposeAsync();
  await server?.[Symbol.asyncDispose]();
});

interface Opened {
  readonly store: EtcdStore;
  readonly client: EtcdClient;
  readonly keys: Keys;
  readonly problems: ProblemBook;
}

/** A daemon's store on one prefix; two of one prefix are two daemons. */
async function open(prefix: string, clock = new FakeClock()): Promise<Opened> {
  const client = opened.use(new EtcdClient({ endpoints: [server?.url ?? ''] }));
  const keys = new Keys(prefix);
  const problems = new ProblemBook();
  // Stamps from the clock of the test, waiting on that of the machine.
  const mixed = { ...systemClock, wallMs: () => clock.wallMs() };
  const store = opened.use(
    createEtcdStore({
      client,
      keys,
      clock: mixed,
      random: seededRandom(1),
      log: silentLog,
      meter: new MemoryMeter(),
      problems,
      historyLimit: 8,
    }),
  );
  await store.ready();
  return { store, client, keys, problems };
}

function ownPrefix(): string {
  prefixes += 1;
  return `/test/${prefixes}`;
}

if (skip === false) {
  storeConformance('etcd', async ({ clock }) => {
    const fake = clock instanceof FakeClock ? clock : new FakeClock();
    return (await open(ownPrefix(), fake)).store;
  });
}

test('what one daemon writes the other sees, in the same versions', { skip }, async () => {
  const prefix = ownPrefix();
  const { store: one } = await open(prefix);
  const { store: two } = await open(prefix);
  using recorder = new EventRecorder(two, {});
  const created = await one.create(service('shop/web'));
  await one.update(service('shop/web', { type: 'NodePort' }));
  await one.delete('Service', 'shop', 'web');
  deepEqual(await recorder.until(3), [
    'ADDED Service shop/web',
    'MODIFIED Service shop/web',
    'DELETED Service shop/web',
  ]);
  const [added] = recorder.events;
  ok(added?.type === 'ADDED');
  deepEqual(added.object, created);
  equal(one.resourceVersion, two.resourceVersion);
});

test('who starts later finds everything', { skip }, async () => {
  const prefix = ownPrefix();
  const { store: one } = await open(prefix);
  const operations = Array.from({ length: 250 }, (_, n) => ({
    kind: 'create' as const,
    object: service(`shop/s${n}`),
  }));
  const results = await one.writeAll(operations);
  equal(results.filter(({ kind }) => kind === 'written').length, 250);
  const { store: two } = await open(prefix);
  equal(two.list('Service').items.length, 250);
});

test('of two that write one object at once both succeed, or one conflicts', { skip }, async () => {
  const prefix = ownPrefix();
  const { store: one } = await open(prefix);
  const { store: two } = await open(prefix);
  const first = await one.create(configMap('shop/a', { n: '0' }));
  await two.sync();
  const writes = [one, two].map((store, n) => store.update({ ...first, data: { n: `${n + 1}` } }));
  const results = await Promise.allSettled(writes);
  equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
  const without = configMap('shop/a', { n: 'x' });
  await Promise.all(
    [one, two].map((store, n) => store.update({ ...without, data: { m: `${n}` } })),
  );
  const creates = await Promise.allSettled(
    [one, two].map((store) => store.create(service('shop/web'))),
  );
  deepEqual(creates.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('a write sees what another daemon acknowledged, however late its view', { skip }, async () => {
  const prefix = ownPrefix();
  const { store: one } = await open(prefix);
  const { store: two } = await open(prefix);
  for (let n = 0; n < 20; n += 1) {
    const created = await one.create(service(`shop/s${n}`));
    await two.update({ ...created, spec: { type: 'NodePort' } });
  }
  await one.sync();
  ok(one.list('Service').items.every(({ spec }) => spec?.type === 'NodePort'));
});

test('after a compaction there is a new list, and only true differences', { skip }, async () => {
  const prefix = ownPrefix();
  const { store: one } = await open(prefix);
  await one.create(service('shop/stays'));
  await one.create(service('shop/goes'));
  const { store: two, client } = await open(prefix);
  using recorder = new EventRecorder(two, {});
  server?.pause();
  const writing = Promise.all([
    one.create(service('shop/comes')),
    one.delete('Service', 'shop', 'goes'),
  ]);
  server?.resume();
  await writing;
  await client.call('/v3/kv/compaction', { revision: one.resourceVersion });
  deepEqual((await recorder.until(2)).toSorted(), [
    'ADDED Service shop/comes',
    'DELETED Service shop/goes',
  ]);
});

test("another program's values under the prefix are left out", { skip }, async () => {
  const prefix = ownPrefix();
  const { store, client, keys } = await open(prefix);
  using recorder = new EventRecorder(store, {});
  for (const [key, value] of [
    [`${keys.objects}Service/shop/junk`, 'no JSON'],
    [`${keys.objects}short`, '{}'],
    [`${keys.objects}Service/shop/odd`, '{"kind":"Service"}'],
  ] as const) {
    await client.call('/v3/kv/put', { key: encode(key), value: encode(value) });
  }
  await store.create(service('shop/web'));
  deepEqual(await recorder.until(1), ['ADDED Service shop/web']);
});

const record = (holderIdentity: string): LeaseRecord => ({
  holderIdentity,
  leaseDurationSeconds: 15,
  acquireTime: '',
  renewTime: '',
  leaseTransitions: 0,
});

test('a lease is compare-and-swap, and fences the writes of who held it', { skip }, async () => {
  const { store, client, keys } = await open(ownPrefix());
  const lease = new EtcdLease(client, keys, 'portolan');
  equal(await lease.read(), undefined);
  await lease.create(record('a'));
  await rejects(lease.create(record('b')), { code: 'LeaseConflict' });
  const asA = store.fencedBy('portolan', 'a');
  await asA.create(service('shop/web'));
  const held = await lease.read();
  await lease.update(record('b'), held?.version ?? '');
  await rejects(lease.update(record('a'), held?.version ?? ''), { code: 'LeaseConflict' });
  await rejects(asA.create(service('shop/late')), /does not lead any more/);
  await store.sync();
  equal(store.get('Service', 'shop', 'late'), undefined);
  await store.fencedBy('portolan', 'b').create(service('shop/later'));
});

test('a member that hangs: reads go on, writes say so, and then all is well', {
  skip,
}, async () => {
  await using own = await EtcdServer.start();
  await using client = new EtcdClient({ endpoints: [own.url] });
  await using store = createEtcdStore({
    client,
    keys: new Keys('/p'),
    // The five seconds that a call may take stay; all else goes faster.
    clock: { ...systemClock, schedule: (ms, done) => systemClock.schedule(ms / 20, done) },
    random: seededRandom(1),
    log: silentLog,
    meter: new MemoryMeter(),
    problems: new ProblemBook(),
  });
  await store.ready();
  await store.create(service('shop/web'));
  own.pause();
  await rejects(store.create(service('shop/api')), (error: Error & { code: string }) => {
    equal(error.code, 'Unavailable');
    match(error.message, /may have happened or not/);
    return true;
  });
  ok(store.get('Service', 'shop', 'web'));
  own.resume();
  using recorder = new EventRecorder(store, {});
  await store.create(service('shop/db'));
  ok(
    (await recorder.until(1)).some(
      (line) => line === 'ADDED Service shop/db' || line === 'ADDED Service shop/api',
    ),
  );
});

test('of three members one is killed and one hangs, by turns: nothing is lost', {
  skip,
}, async (context) => {
  const members = await EtcdServer.startCluster(3);
  context.after(() => Promise.all(members.map((member) => member[Symbol.asyncDispose]())));
  const endpoints = members.map(({ url }) => url);
  const clients = [new EtcdClient({ endpoints }), new EtcdClient({ endpoints })] as const;
  for (const client of clients) context.after(() => client[Symbol.asyncDispose]());
  const stores = clients.map((client) =>
    createEtcdStore({
      client,
      keys: new Keys('/three'),
      clock: { ...systemClock, schedule: (ms, done) => systemClock.schedule(ms / 20, done) },
      random: seededRandom(1),
      log: silentLog,
      meter: new MemoryMeter(),
      problems: new ProblemBook(),
    }),
  );
  for (const store of stores) context.after(() => store[Symbol.asyncDispose]());
  await Promise.all(stores.map((store) => store.ready()));
  const [one, two] = stores;
  ok(one && two);
  using recorder = new EventRecorder(two, {});
  let next = 0;
  /** Tried until it is acknowledged: a member that went may have taken the first attempt along. */
  const write = async (): Promise<void> => {
    next += 1;
    const name = `shop/s${next}`;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await one.create(service(name));
        return;
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === 'AlreadyExists') return;
        if (code !== 'Unavailable' || attempt === 20) throw error;
      }
    }
  };
  await write();
  members[0]?.pause();
  await write();
  members[0]?.resume();
  await write();
  await members[1]?.[Symbol.asyncDispose]();
  await write();
  await recorder.until(4);
  deepEqual(
    two.list('Service').items.map(({ metadata }) => metadata.name),
    ['s1', 's2', 's3', 's4'],
  );
});
