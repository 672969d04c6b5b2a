import { deepEqual, equal } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { silentLog } from '../../../controller/base/index.ts';
import type { Node } from '../../../controller/objects/index.ts';
import { createMemoryStore } from '../../../controller/store/index.ts';
import { plainText } from '../../../daemon/admin/server.ts';
import { startProxyEndpoints } from '../../../daemon/up/kernel-proxy-endpoints.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

const anyPort = { host: '127.0.0.1', port: 0 } as const;
const tainted = (key: string): Node & { readonly kind: 'Node' } => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'here' },
  spec: { taints: [{ key, effect: 'NoSchedule' }] },
});

async function start(context: TestContext, state: { healthy: boolean } = { healthy: true }) {
  const clock = new FakeClock();
  const meter = new MemoryMeter();
  const store = createMemoryStore({ clock, log: silentLog });
  const { servers, addresses, problems } = await startProxyEndpoints({
    healthz: anyPort,
    metrics: anyPort,
    proxyMode: 'nftables',
    isHealthy: () => state.healthy,
    store,
    nodeName: 'here',
    exposition: () => plainText(200, 'some_metric 1\n'),
    clock,
    meter,
    log: silentLog,
  });
  context.after(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  deepEqual(problems, []);
  const ask = async (name: string, path: string): Promise<readonly [number, string]> => {
    const port = addresses.find((one) => one.name === name)?.port;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  return { ask, clock, store, meter, addresses };
}

test('healthy: /healthz names the times and the node, /livez the times alone', async (context) => {
  const { ask, meter } = await start(context);
  const now = '2026-01-01T00:00:00.000Z';
  const [status, text] = await ask('kubeProxyHealthz', '/healthz');
  equal(status, 200);
  deepEqual(JSON.parse(text), { lastUpdated: now, currentTime: now, nodeEligible: true });
  const [, live] = await ask('kubeProxyHealthz', '/livez');
  deepEqual(JSON.parse(live), { lastUpdated: now, currentTime: now });
  equal(meter.values.get('kubeproxy_proxy_healthz_total{code="200"}'), 1);
  equal(meter.values.get('kubeproxy_proxy_livez_total{code="200"}'), 1);
});

test('rules that are late: both say 503, and since when', async (context) => {
  const state = { healthy: true };
  const { ask, clock } = await start(context, state);
  await ask('kubeProxyHealthz', '/livez');
  clock.advance(60_000);
  state.healthy = false;
  for (const path of ['/healthz', '/livez']) {
    const [status, text] = await ask('kubeProxyHealthz', path);
    equal(status, 503);
    equal((JSON.parse(text) as { lastUpdated: string }).lastUpdated, '2026-01-01T00:00:00.000Z');
  }
});

for (const [taint, status] of [
  ['ToBeDeletedByClusterAutoscaler', 503],
  ['node.kubernetes.io/unschedulable', 200],
] as const) {
  test(`a node with the taint ${taint}: /healthz ${status}, /livez 200`, async (context) => {
    const { ask, store } = await start(context);
    await store.create(tainted(taint));
    equal((await ask('kubeProxyHealthz', '/healthz'))[0], status);
    equal((await ask('kubeProxyHealthz', '/livez'))[0], 200);
  });
}

test('/proxyMode is the mode and nothing else; /metrics is everything', async (context) => {
  const { ask } = await start(context);
  deepEqual(await ask('kubeProxyMetrics', '/proxyMode'), [200, 'nftables']);
  deepEqual(await ask('kubeProxyMetrics', '/healthz'), [200, 'ok']);
  deepEqual(await ask('kubeProxyMetrics', '/metrics'), [200, 'some_metric 1\n']);
});

test('an address that is taken is a problem, and the other one answers', async (context) => {
  const first = await start(context);
  const [taken] = first.addresses;
  const store = createMemoryStore({ clock: new FakeClock(), log: silentLog });
  const second = await startProxyEndpoints({
    healthz: { host: '127.0.0.1', port: taken?.port ?? 0 },
    metrics: anyPort,
    proxyMode: 'iptables',
    isHealthy: () => true,
    store,
    nodeName: 'here',
    exposition: () => plainText(200, ''),
    clock: new FakeClock(),
    meter: new MemoryMeter(),
    log: silentLog,
  });
  context.after(async () => {
    for (const server of second.servers) await server[Symbol.asyncDispose]();
  });
  deepEqual(
    second.problems.map(({ reason, message }) => [reason, message.split(':')[0]]),
    [['AddressInUse', 'kubeProxyHealthz']],
  );
  equal(second.addresses.length, 1);
});
