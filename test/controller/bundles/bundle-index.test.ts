import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { BundleIndex } from '../../../controller/bundles/index.ts';
import {
  type BundleChanges,
  bundleKey,
  type EndpointHealth,
  type EndpointSlice,
  type Service,
  serviceNameLabel,
} from '../../../controller/objects/index.ts';
import { createMemoryStore, type Store } from '../../../controller/store/index.ts';
import { FakeClock } from '../../fakes/clock.ts';

function service(name: string, port = 80): Service {
  const metadata = { namespace: 'shop', name };
  return { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port }] } };
}

function slice(name: string, owner: string | undefined, address = '10.0.0.1'): EndpointSlice {
  const labels = owner === undefined ? {} : { [serviceNameLabel]: owner };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name, labels },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address] }],
    ports: [{ name: '', port: 80 }],
  };
}

function health(name: string, healthy: boolean): EndpointHealth {
  const endpoints = [
    { address: '10.0.0.1', port: 80, healthy, lastTransitionTime: '2026-01-01T00:00:00Z' },
  ];
  return {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'EndpointHealth',
    metadata: { namespace: 'shop', name },
    status: { endpoints },
  };
}

/** `+name(slice,slice,health) -key` for each call, in the order of calls. */
function describeChanges({ upserted, removed }: BundleChanges): string {
  const added = upserted.map((bundle) => {
    const parts = bundle.slices.map(({ metadata }) => metadata.name);
    if (bundle.health) parts.push('health');
    return `+${bundle.service.metadata.name}(${parts.join(',')})`;
  });
  return [...added, ...removed.map((key) => `-${key}`)].join(' ');
}

interface World {
  readonly store: Store;
  readonly index: BundleIndex;
  /** What the listener heard since the last call. */
  readonly heard: () => Promise<readonly string[]>;
}

async function world(present: Parameters<Store['writeAll']>[0] = []): Promise<World> {
  const store = createMemoryStore({ clock: new FakeClock() });
  await store.writeAll(present);
  let calls: string[] = [];
  const index = new BundleIndex(store, (changes) => calls.push(describeChanges(changes)));
  const heard = async (): Promise<readonly string[]> => {
    await turn();
    const result = calls;
    calls = [];
    return result;
  };
  return { store, index, heard };
}

const put = (object: Service | EndpointSlice | EndpointHealth) =>
  ({ kind: 'put', object }) as const;
const remove = (objectKind: 'Service' | 'EndpointSlice' | 'EndpointHealth', name: string) =>
  ({ kind: 'delete', objectKind, namespace: 'shop', name }) as const;

suite('BundleIndex', () => {
  test('the first call comes for an empty store too', async () => {
    const { heard } = await world();
    deepEqual(await heard(), ['']);
  });

  test('the first call carries everything, slices in name order', async () => {
    const { heard } = await world(
      [slice('b-2', 'b'), slice('b-1', 'b'), service('a'), service('b'), health('b', true)].map(
        put,
      ),
    );
    deepEqual(await heard(), ['+a() +b(b-1,b-2,health)']);
  });

  const changes = [
    // writes in one batch                                        heard               why
    [[put(service('a', 81))], ['+a(a-1)'], 'the Service changed'],
    [[put(slice('a-1', 'a', '10.0.0.9'))], ['+a(a-1)'], 'its slice changed'],
    [[put(slice('a-0', 'a'))], ['+a(a-0,a-1)'], 'a slice came'],
    [[remove('EndpointSlice', 'a-1')], ['+a()'], 'a slice went'],
    [[put(health('a', false))], ['+a(a-1,health)'], 'its health was found'],
    [[put(slice('a-1', 'b'))], ['+a() +b(a-1)'], 'a slice moved to another Service'],
    [[put(slice('a-1', undefined))], ['+a()'], 'a slice lost its label'],
    [[put(slice('x-1', 'x'))], [], 'a slice of a Service that is not there'],
    [[put(slice('a-1', 'a'))], [], 'written again, equal'],
    [[put(slice('a-2', 'a')), remove('EndpointSlice', 'a-2')], [], 'came and went in one batch'],
    [[put(service('c')), remove('Service', 'c')], [], 'a Service came and went in one batch'],
    [[put(service('a', 81)), put(slice('a-2', 'a'))], ['+a(a-1,a-2)'], 'two changes, one upsert'],
    [[put(service('c')), put(service('a', 81))], ['+c() +a(a-1)'], 'two Services, one call'],
    [[remove('Service', 'a')], ['-shop/a'], 'a Service went, its slice stays'],
    [
      [remove('Service', 'a'), put(service('a', 81))],
      ['+a(a-1)'],
      'removed and made again in one batch',
    ],
  ] as const;
  for (const [writes, expected, why] of changes) {
    test(why, async () => {
      const { store, heard } = await world(
        [service('a'), service('b'), slice('a-1', 'a')].map(put),
      );
      await heard();
      await store.writeAll(writes);
      deepEqual(await heard(), expected);
    });
  }

  test('a Service that comes after its slices and health finds them', async () => {
    const { store, heard } = await world();
    await heard();
    await store.writeAll([slice('a-1', 'a'), health('a', true)].map(put));
    deepEqual(await heard(), []);
    await store.writeAll([put(service('a'))]);
    deepEqual(await heard(), ['+a(a-1,health)']);
  });

  test('separate writes are separate calls', async () => {
    const { store, heard } = await world();
    await heard();
    await store.writeAll([put(service('a'))]);
    await store.writeAll([put(service('b'))]);
    deepEqual(await heard(), ['+a()', '+b()']);
  });

  test('get shows what the listener heard', async () => {
    const { store, index, heard } = await world([put(service('a'))]);
    await heard();
    const bundle = index.get('shop/a');
    equal(bundle && bundleKey(bundle), 'shop/a');
    await store.writeAll([remove('Service', 'a')]);
    await heard();
    equal(index.get('shop/a'), undefined);
  });

  test('a disposed index is silent', async () => {
    const { store, index, heard } = await world();
    await heard();
    index[Symbol.dispose]();
    await store.writeAll([put(service('a'))]);
    deepEqual(await heard(), []);
  });
});
