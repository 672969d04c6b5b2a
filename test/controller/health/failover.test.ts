import { equal, ok } from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import { startHealthChecks } from '../../../controller/health/index.ts';
import { createMemoryStore, type Store } from '../../../controller/store/index.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { listen } from './probers/loopback.ts';
import { service, slice } from './services/objects.ts';

/** Resolves when the store says so of the endpoint. */
function verdict(store: Store, address: string, healthy: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    const { endpoints = [] } = store.get('EndpointHealth', 'default', 'shop')?.status ?? {};
    if (endpoints.some((one) => one.address === address && one.healthy === healthy)) resolve();
  };
  const watching = store.watch({ kinds: ['EndpointHealth'] }, look);
  look();
  return promise.finally(() => watching[Symbol.dispose]());
}

test('a real backend that dies is out within its interval, and in again when it is back', async (t) => {
  const store = createMemoryStore({ clock: systemClock });
  const backend = createServer((_request, response) => response.end('ok'));
  const port = await listen(t, backend);
  const options = { '': 'http', '-interval': '200ms', '-failure-threshold': '1' };
  await store.create<'Service'>(service('shop', options));
  await store.create<'EndpointSlice'>(slice('shop', ['127.0.0.1'], [{ name: 'web', port }]));
  await using checks = startHealthChecks({
    store,
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
    problems: new ProblemBook(),
    meter: new MemoryMeter(),
    nodeName: 'here',
    podProbes: 'none',
  });
  await checks.settled();
  await verdict(store, '127.0.0.1', true);

  const died = performance.now();
  backend.close();
  backend.closeAllConnections();
  await verdict(store, '127.0.0.1', false);
  // The promise is 200 ms; the rest is for a machine that is busy with other tests.
  ok(performance.now() - died < 1200);
  const { message } = store.get('EndpointHealth', 'default', 'shop')?.status.endpoints[0] ?? {};
  equal(message, 'connection refused');

  backend.listen(port, '127.0.0.1');
  await verdict(store, '127.0.0.1', true);
});
