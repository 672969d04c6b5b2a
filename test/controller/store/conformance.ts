import { deepEqual, equal, notEqual, ok, rejects, throws } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../../controller/base/index.ts';
import { type Store, StoreError, type StoreErrorCode } from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { EventRecorder } from './event-recorder.ts';
import { configMap, ingress, namespace, pod, service, slice } from './objects.ts';

export interface StoreUnderTest {
  readonly clock: Clock;
  /** Small, so that tests can outrun it. A store that keeps more by nature says so. */
  readonly historyLimit: number;
}

const code =
  (wanted: StoreErrorCode) =>
  (error: unknown): boolean =>
    error instanceof StoreError && error.code === wanted;

/** What every Store must do, wherever its objects live. `make` gives an empty one. */
export function storeConformance(
  name: string,
  make: (options: StoreUnderTest) => Store | Promise<Store>,
): void {
  const open = async (clock: FakeClock = new FakeClock()): Promise<Store> =>
    make({ clock, historyLimit: 8 });

  describe(`${name}: writes`, () => {
    test('create gives uid, creationTimestamp, generation and version', async () => {
      const store = await open();
      const { metadata } = await store.create(service('shop/web'));
      ok(metadata.uid);
      equal(metadata.creationTimestamp, '2026-01-01T00:00:00Z');
      equal(metadata.generation, 1);
      equal(metadata.resourceVersion, store.resourceVersion);
    });

    test('create refuses what exists', async () => {
      const store = await open();
      await store.create(service('shop/web'));
      await rejects(store.create(service('shop/web')), code('AlreadyExists'));
    });

    test('what the store gave, a writer cannot claim', async () => {
      const store = await open();
      const metadata = { namespace: 'shop', name: 'web', uid: 'mine', generation: 7 };
      const claimed = { ...service('shop/web'), metadata };
      const created = await store.create(claimed);
      notEqual(created.metadata.uid, 'mine');
      equal(created.metadata.generation, 1);
    });

    test('update keeps identity and counts changes of spec', async () => {
      const clock = new FakeClock();
      const store = await open(clock);
      const created = await store.create(service('shop/web'));
      clock.advance(5000);
      const updated = await store.update(service('shop/web', { type: 'NodePort' }));
      equal(updated.metadata.uid, created.metadata.uid);
      equal(updated.metadata.creationTimestamp, created.metadata.creationTimestamp);
      equal(updated.metadata.generation, 2);
      ok(Number(updated.metadata.resourceVersion) > Number(created.metadata.resourceVersion));
    });

    test('a label changes no generation, but of a slice it does', async () => {
      const store = await open();
      await store.create(service('shop/web'));
      const labelled = await store.update(service('shop/web', {}, { a: 'b' }));
      equal(labelled.metadata.generation, 1);
      await store.create(slice('shop/web-1', ['127.0.0.2']));
      const base = slice('shop/web-1', ['127.0.0.2']);
      const relabelled = await store.update({
        ...base,
        metadata: { ...base.metadata, labels: { a: 'b' } },
      });
      equal(relabelled.metadata.generation, 2);
    });

    test('kinds without spec and status have no generation', async () => {
      const store = await open();
      const created = await store.create(configMap('shop/settings', { a: '1' }));
      equal(created.metadata.generation, undefined);
    });

    test('equal content writes nothing', async () => {
      const store = await open();
      const created = await store.create(service('shop/web', { ports: [{ port: 80 }] }));
      const version = store.resourceVersion;
      const again = await store.update(service('shop/web', { ports: [{ port: 80 }] }));
      equal(store.resourceVersion, version);
      equal(again.metadata.resourceVersion, created.metadata.resourceVersion);
    });

    test('update keeps status, updateStatus keeps the rest', async () => {
      const store = await open();
      await store.create(pod('shop/a', { podIP: '127.0.0.2' }));
      const updated = await store.update(pod('shop/a', { podIP: '127.0.0.9' }, { app: 'web' }));
      equal(updated.status?.podIP, '127.0.0.2');
      const judged = await store.updateStatus(pod('shop/a', { podIP: '127.0.0.3' }));
      equal(judged.status?.podIP, '127.0.0.3');
      deepEqual(judged.metadata.labels, { app: 'web' });
      equal(judged.metadata.generation, 1);
    });

    test('update with a stale version or a foreign uid conflicts', async () => {
      const store = await open();
      const first = await store.create(service('shop/web'));
      await store.update(service('shop/web', { type: 'NodePort' }));
      await rejects(store.update(first), code('Conflict'));
      await rejects(store.updateStatus(first), code('Conflict'));
      const foreign = { namespace: 'shop', name: 'web', uid: 'other' };
      await rejects(store.update({ ...service('shop/web'), metadata: foreign }), code('Conflict'));
    });

    test('what is not there cannot be updated or deleted', async () => {
      const store = await open();
      await rejects(store.update(service('shop/web')), code('NotFound'));
      await rejects(store.updateStatus(service('shop/web')), code('NotFound'));
      await rejects(store.delete('Service', 'shop', 'web'), code('NotFound'));
    });

    test('delete honours its preconditions', async () => {
      const store = await open();
      const { metadata } = await store.create(service('shop/web'));
      await rejects(store.delete('Service', 'shop', 'web', { uid: 'other' }), code('Conflict'));
      await store.delete('Service', 'shop', 'web', metadata.uid ? { uid: metadata.uid } : {});
      equal(store.get('Service', 'shop', 'web'), undefined);
    });

    test('an object created anew has a new uid', async () => {
      const store = await open();
      const first = await store.create(service('shop/web'));
      await store.delete('Service', 'shop', 'web');
      const second = await store.create(service('shop/web'));
      notEqual(first.metadata.uid, second.metadata.uid);
    });

    const invalid = [
      [
        'a namespaced kind without namespace',
        { ...service('shop/web'), metadata: { name: 'web' } },
      ],
      [
        'a cluster-scoped kind with one',
        { ...namespace('shop'), metadata: { namespace: 'a', name: 'b' } },
      ],
      ['a bad name', service('shop/Web_1')],
      ['an empty name', service('shop/')],
    ] as const;
    for (const [what, object] of invalid) {
      test(`${what} is invalid`, async () => {
        await rejects((await open()).create(object), code('Invalid'));
      });
    }

    test('stringData is folded into data', async () => {
      const store = await open();
      const stored = await store.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { namespace: 'shop', name: 'key' },
        data: { a: 'b2xk', b: 'Yg==' },
        stringData: { a: 'new' },
      });
      deepEqual(stored.data, { a: 'bmV3', b: 'Yg==' });
      equal('stringData' in stored, false);
    });

    test('a Service written without its allocations keeps them', async () => {
      const store = await open();
      const manifest = { type: 'NodePort', ports: [{ port: 80 }] } as const;
      const allocated = {
        ...manifest,
        clusterIP: '127.96.0.9',
        clusterIPs: ['127.96.0.9'],
        ports: [{ port: 80, nodePort: 30001 }],
      };
      await store.create(service('shop/web', allocated));
      const version = store.resourceVersion;
      const [result] = await store.writeAll([
        { kind: 'put', object: service('shop/web', manifest) },
      ]);
      equal(result?.kind, 'unchanged');
      equal(store.resourceVersion, version);
    });
  });

  describe(`${name}: writeAll`, () => {
    test('put creates, updates, or finds nothing to do; failures stop no one', async () => {
      const store = await open();
      await store.create(service('shop/web'));
      const results = await store.writeAll([
        { kind: 'put', object: service('shop/api') },
        { kind: 'create', object: service('shop/web') },
        { kind: 'put', object: service('shop/web') },
        { kind: 'put', object: service('shop/web', { type: 'NodePort' }) },
        { kind: 'delete', objectKind: 'Service', namespace: 'shop', name: 'gone' },
        { kind: 'delete', objectKind: 'Service', namespace: 'shop', name: 'api' },
      ]);
      deepEqual(
        results.map((result) => result.kind),
        ['written', 'failed', 'unchanged', 'written', 'failed', 'deleted'],
      );
    });

    test('put does not mind the version and uid of an exported manifest', async () => {
      const store = await open();
      const exported = await store.create(service('shop/web'));
      await store.update(service('shop/web', { type: 'NodePort' }));
      const [result] = await store.writeAll([{ kind: 'put', object: exported }]);
      equal(result?.kind, 'written');
    });

    test('a watcher gets one batch', async () => {
      const store = await open();
      using recorder = new EventRecorder(store, {});
      await store.writeAll([
        { kind: 'create', object: service('shop/web') },
        { kind: 'create', object: configMap('shop/settings') },
        { kind: 'put', object: service('shop/api') },
      ]);
      deepEqual((await recorder.until(3)).toSorted(), [
        'ADDED ConfigMap shop/settings',
        'ADDED Service shop/api',
        'ADDED Service shop/web',
      ]);
      equal(recorder.batches.length, 1);
    });

    test('each write of a batch sees those before it', async () => {
      const store = await open();
      const results = await store.writeAll([
        { kind: 'create', object: service('shop/web') },
        { kind: 'put', object: service('shop/web', { type: 'NodePort' }) },
        { kind: 'create', object: service('shop/web') },
      ]);
      deepEqual(
        results.map(({ kind }) => kind),
        ['written', 'written', 'failed'],
      );
      const stored = store.get('Service', 'shop', 'web');
      equal(stored?.spec?.type, 'NodePort');
      equal(stored?.metadata.generation, 2);
    });
  });

  describe(`${name}: lists`, () => {
    const fill = async (): Promise<Store> => {
      const store = await open();
      await store.writeAll([
        { kind: 'create', object: pod('b/two', { phase: 'Failed' }, { app: 'web', tier: 'x' }) },
        { kind: 'create', object: pod('a/one', { phase: 'Running' }, { app: 'web' }) },
        { kind: 'create', object: pod('a/three', {}, { app: 'db' }) },
        { kind: 'create', object: service('a/one') },
      ]);
      return store;
    };
    const cases = [
      ['everything, in order', {}, 'a/one a/three b/two'],
      ['one namespace', { namespace: 'a' }, 'a/one a/three'],
      ['an unknown namespace', { namespace: 'zzz' }, ''],
      ['labels', { labelSelector: 'app=web' }, 'a/one b/two'],
      ['label absent', { labelSelector: '!tier' }, 'a/one a/three'],
      ['fields', { fieldSelector: 'status.phase!=Failed' }, 'a/one a/three'],
      ['name and label', { fieldSelector: 'metadata.name=one', labelSelector: 'app' }, 'a/one'],
    ] as const;
    for (const [what, options, wanted] of cases) {
      test(what, async () => {
        const store = await fill();
        const { items, resourceVersion } = store.list('Pod', options);
        equal(
          items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(' '),
          wanted,
        );
        equal(resourceVersion, store.resourceVersion);
      });
    }

    test('bad selectors are refused', async () => {
      const store = await open();
      throws(() => store.list('Pod', { labelSelector: 'a=b=c' }), code('Invalid'));
      throws(() => store.list('Pod', { fieldSelector: 'spec.containers=x' }), code('Invalid'));
      throws(() => store.watch({ labelSelector: 'a=b' }, () => {}), code('Invalid'));
    });
  });

  describe(`${name}: watches`, () => {
    test('events come after reads show them', async () => {
      const store = await open();
      const seen: unknown[] = [];
      using recorder = new EventRecorder(store, { kinds: ['Service'] }, () => {
        seen.push(store.get('Service', 'shop', 'web')?.spec?.type);
      });
      await store.create(service('shop/web', { type: 'NodePort' }));
      await recorder.until(1);
      deepEqual(seen, ['NodePort']);
    });

    test('MODIFIED carries what was there, DELETED the version of the deletion', async () => {
      const store = await open();
      await store.create(service('shop/web'));
      using recorder = new EventRecorder(store, { kinds: ['Service'] });
      await store.update(service('shop/web', { type: 'NodePort' }));
      await store.delete('Service', 'shop', 'web');
      await recorder.until(2);
      const [modified, deleted] = recorder.events;
      ok(modified?.type === 'MODIFIED' && modified.previous.kind === 'Service');
      equal(modified.previous.spec?.type, undefined);
      ok(deleted?.type === 'DELETED');
      equal(deleted.object.metadata.resourceVersion, store.resourceVersion);
    });

    test('kinds and namespace filter', async () => {
      const store = await open();
      using recorder = new EventRecorder(store, { kinds: ['Service'], namespace: 'shop' });
      await store.writeAll([
        { kind: 'create', object: service('other/web') },
        { kind: 'create', object: pod('shop/web') },
        { kind: 'create', object: service('shop/web') },
      ]);
      deepEqual(await recorder.until(1), ['ADDED Service shop/web']);
    });

    test('an object that starts or stops matching is ADDED or DELETED', async () => {
      const store = await open();
      await store.create(configMap('shop/a'));
      using recorder = new EventRecorder(store, { kinds: ['ConfigMap'], labelSelector: 'on' });
      await store.update(configMap('shop/a', { n: '1' }));
      await store.update(configMap('shop/a', { n: '2' }, { on: '' }));
      await store.update(configMap('shop/a', { n: '3' }, { on: '' }));
      await store.update(configMap('shop/a', { n: '4' }));
      await store.delete('ConfigMap', 'shop', 'a');
      await store.create(configMap('shop/b', {}, { on: '' }));
      deepEqual(await recorder.until(4), [
        'ADDED ConfigMap shop/a',
        'MODIFIED ConfigMap shop/a',
        'DELETED ConfigMap shop/a',
        'ADDED ConfigMap shop/b',
      ]);
      const left = recorder.events[2];
      ok(left?.type === 'DELETED' && left.object.kind === 'ConfigMap');
      deepEqual(left.object.data, { n: '3' });
    });

    test('the initial list ends with a bookmark, then changes follow', async () => {
      const store = await open();
      await store.create(service('shop/web'));
      using recorder = new EventRecorder(store, { kinds: ['Service'], sendInitialEvents: true });
      await store.create(service('shop/api'));
      deepEqual(await recorder.until(3), [
        'ADDED Service shop/web',
        'BOOKMARK end',
        'ADDED Service shop/api',
      ]);
    });

    test('the listener is not called before watch returns', async () => {
      const store = await open();
      let returned = false;
      const seen: boolean[] = [];
      using recorder = new EventRecorder(store, { sendInitialEvents: true }, () => {
        seen.push(returned);
      });
      returned = true;
      await recorder.until(1);
      deepEqual(seen, [true]);
    });

    test('a watch resumes after a version', async () => {
      const store = await open();
      await store.create(service('shop/a'));
      const { resourceVersion } = store.list('Service');
      await store.create(service('shop/b'));
      await store.delete('Service', 'shop', 'a');
      using recorder = new EventRecorder(store, { kinds: ['Service'], resourceVersion });
      deepEqual(await recorder.until(2), ['ADDED Service shop/b', 'DELETED Service shop/a']);
    });

    test('a version before the history is Expired, so is one from the future', async () => {
      const store = await open();
      const { resourceVersion } = await store.create(service('shop/a')).then(() => store);
      for (let n = 0; n < 40; n += 1)
        await store.update(service('shop/a', { externalName: `${n}` }));
      const watch = (version: string) => (): Disposable =>
        store.watch({ resourceVersion: version }, () => {});
      throws(watch(resourceVersion), code('Expired'));
      throws(watch(String(Number(store.resourceVersion) + 100)), code('Expired'));
      throws(watch('yesterday'), code('Invalid'));
      watch(store.resourceVersion)()[Symbol.dispose]();
    });

    test('a slow start loses nothing to the history limit', async () => {
      const store = await open();
      using recorder = new EventRecorder(store, { kinds: ['Service'] });
      await store.writeAll(
        Array.from({ length: 100 }, (_, n) => ({ kind: 'create', object: service(`a/s${n}`) })),
      );
      equal((await recorder.until(100)).length, 100);
    });

    test('a listener that writes is called again later, not inside', async () => {
      const store = await open();
      const trace: string[] = [];
      const writes: Promise<unknown>[] = [];
      using recorder = new EventRecorder(store, { kinds: ['Service'] }, (events) => {
        trace.push('in');
        const [event] = events;
        if (event?.type === 'ADDED' && event.object.metadata.name === 'a') {
          writes.push(store.create(service('shop/b')));
        }
        trace.push('out');
      });
      await store.create(service('shop/a'));
      await recorder.until(2);
      await Promise.all(writes);
      deepEqual(trace, ['in', 'out', 'in', 'out']);
    });

    test('every watcher sees changes in the same order, also those a listener makes', async () => {
      const store = await open();
      const writes: Promise<unknown>[] = [];
      using first = new EventRecorder(store, { kinds: ['Ingress'] }, (events) => {
        for (const event of events) {
          if (event.type === 'ADDED') writes.push(store.update(ingress('shop/web', 'mine')));
        }
      });
      using second = new EventRecorder(store, { kinds: ['Ingress'] });
      await store.create(ingress('shop/web'));
      const wanted = ['ADDED Ingress shop/web', 'MODIFIED Ingress shop/web'];
      deepEqual(await first.until(2), wanted);
      deepEqual(await second.until(2), wanted);
      await Promise.all(writes);
    });

    test('a disposed watch is silent', async () => {
      const store = await open();
      const recorder = new EventRecorder(store, {});
      using other = new EventRecorder(store, {});
      recorder[Symbol.dispose]();
      await store.create(service('shop/a'));
      await other.until(1);
      deepEqual(recorder.lines, []);
    });
  });
}
