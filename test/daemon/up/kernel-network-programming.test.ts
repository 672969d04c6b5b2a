import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../controller/base/index.ts';
import type { EndpointSlice } from '../../../controller/objects/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { NetworkProgramming } from '../../../daemon/up/kernel-network-programming.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

const slice = (
  trigger: string,
  address = '10.0.0.1',
): EndpointSlice & { kind: 'EndpointSlice' } => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: 'web-1',
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': 'web' },
    annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': trigger },
  },
  addressType: 'IPv4',
  ports: [{ name: '', port: 80, protocol: 'TCP' }],
  endpoints: [{ addresses: [address] }],
});

function start() {
  // 2026-01-01T00:00:00Z
  const clock = new FakeClock();
  const meter = new MemoryMeter();
  const store = createMemoryStore({ clock, log: silentLog });
  const programming = new NetworkProgramming(store, clock, meter);
  const seen = (): readonly number[] =>
    meter.observations.get('kubeproxy_network_programming_duration_seconds') ?? [];
  /** Events reach watchers in a turn of their own. */
  const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, store, programming, seen, delivered };
}

test('measured from the trigger until the table is in force, once', async () => {
  const { clock, store, programming, seen, delivered } = start();
  clock.advance(10_000);
  await store.create(slice('2026-01-01T00:00:08Z'));
  await delivered();
  programming.published(5);
  programming.applied(4);
  deepEqual(seen(), []);
  clock.advance(1_500);
  programming.applied(6);
  programming.applied(7);
  deepEqual(seen(), [3.5]);
});

test('triggers from before the start, the same again, and nonsense are left out', async () => {
  const { clock, store, programming, seen, delivered } = start();
  clock.advance(10_000);
  await store.create(slice('2025-12-31T23:59:59Z'));
  await store.update(slice('yesterday'));
  await store.update(slice('2026-01-01T00:00:09Z'));
  await store.update(slice('2026-01-01T00:00:09Z', '10.0.0.2'));
  await delivered();
  programming.published(1);
  programming.applied(1);
  deepEqual(seen(), [1]);
});

test('after its end it hears of nothing', async () => {
  const { clock, store, programming, seen, delivered } = start();
  programming[Symbol.dispose]();
  clock.advance(10_000);
  await store.create(slice('2026-01-01T00:00:09Z'));
  await delivered();
  programming.published(1);
  programming.applied(1);
  deepEqual(seen(), []);
});
