import { deepEqual, equal } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { HealthCheckPorts } from '../../../../proxy/planes/kernel/index.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { servicePort, tableOf } from './fixtures.ts';

const host = '127.0.0.1';

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function start(isHealthy = true) {
  const problems = new ProblemBook();
  const ports = new HealthCheckPorts({
    problems,
    addresses: () => [host],
    isHealthy: () => isHealthy,
  });
  const apply = async (upserted: readonly ServicePort[], before: readonly ServicePort[] = []) => {
    const removed = before.filter((old) => !upserted.some(({ key }) => key === old.key));
    ports.synced(
      tableOf(1, upserted),
      { fromGeneration: 0, upserted, removed: removed.map(({ key }) => key) },
      new Map(before.map((port) => [port.key, port])),
    );
    await ports.settled();
  };
  return { problems, ports, apply };
}

for (const [localReadyCount, isHealthy, status] of [
  [2, true, 200],
  [0, true, 503],
  [2, false, 503],
] as const) {
  test(`${localReadyCount} ready here, proxy ${isHealthy ? 'well' : 'ill'}: ${status}`, async () => {
    const { ports, apply } = start(isHealthy);
    const healthCheckNodePort = await freePort();
    await apply([servicePort({ healthCheckNodePort, localReadyCount })]);
    const response = await fetch(`http://${host}:${healthCheckNodePort}/anything`);
    equal(response.status, status);
    equal(response.headers.get('x-load-balancing-endpoint-weight'), String(localReadyCount));
    equal(response.headers.get('x-content-type-options'), 'nosniff');
    deepEqual(await response.json(), {
      service: { namespace: 'default', name: 'web' },
      localEndpoints: localReadyCount,
      serviceProxyHealthy: isHealthy,
    });
    await ports[Symbol.asyncDispose]();
  });
}

test('the port closes with its Service, and moves with the field', async () => {
  const { ports, apply } = start();
  const first = servicePort({ healthCheckNodePort: await freePort(), localReadyCount: 1 });
  const second = { ...first, healthCheckNodePort: await freePort() };
  await apply([first]);
  await apply([second], [first]);
  await fetch(`http://${host}:${first.healthCheckNodePort}/`).then(
    () => Promise.reject(new Error('still open')),
    () => undefined,
  );
  equal((await fetch(`http://${host}:${second.healthCheckNodePort}/`)).status, 200);
  await ports[Symbol.asyncDispose]();
});

test('a taken port is a problem, and is tried again at the next sync', async () => {
  const { ports, apply, problems } = start();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, host, resolve));
  const { port: healthCheckNodePort } = other.address() as AddressInfo;
  const port = servicePort({ healthCheckNodePort, localReadyCount: 1 });
  await apply([port]);
  deepEqual(problems.reasons, ['FailedToStartServiceHealthcheck']);
  await new Promise((resolve) => other.close(resolve));
  await apply([port], [port]);
  deepEqual(problems.reasons, []);
  equal((await fetch(`http://${host}:${healthCheckNodePort}/`)).status, 200);
  await ports[Symbol.asyncDispose]();
});
