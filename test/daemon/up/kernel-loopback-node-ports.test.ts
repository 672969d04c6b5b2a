import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../../controller/base/index.ts';
import { createUserspacePlane } from '../../../proxy/index.ts';
import { LoopbackNodePorts } from '../../../daemon/up/kernel-loopback-node-ports.ts';
import { MemoryMeter } from '../../fakes/meter.ts';
import { ProblemBook } from '../../fakes/problems.ts';
import { endpoint, servicePort, tableOf } from '../../proxy/planes/kernel/fixtures.ts';

/** A port that nobody listens on, on loopback. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

async function answerOf(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [data] = (await once(socket, 'data')) as [Buffer];
    return data.toString();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  } finally {
    socket.destroy();
  }
}

test('TCP node ports are served on loopback, and nothing else is', async (context) => {
  const backend = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write('backend');
  }).listen(0, '127.0.0.1');
  context.after(() => backend.close());
  await once(backend, 'listening');
  const target = backend.address();
  const endpoints = [
    endpoint('127.0.0.1', { port: typeof target === 'object' && target ? target.port : 0 }),
  ];
  const nodePort = await freePort();
  const problems = new ProblemBook();
  const plane = createUserspacePlane({
    log: silentLog,
    meter: new MemoryMeter(),
    clock: systemClock,
    random: seededRandom(1),
    problems,
  });
  await using loopback = new LoopbackNodePorts(plane, silentLog);
  const web = servicePort({ nodePort, clusterEndpoints: endpoints });
  loopback.publish(
    tableOf(1, [
      web,
      servicePort({ name: 'dns', protocol: 'UDP', nodePort: 30_053, clusterEndpoints: endpoints }),
      servicePort({ name: 'inside', clusterEndpoints: endpoints }),
    ]),
  );
  // In order: this one is applied after the first, if that was.
  loopback.publish(tableOf(2, [web]));
  const deadline = performance.now() + 5_000;
  while (plane.addresses().length === 0 && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  equal(await answerOf(nodePort), 'backend');
  deepEqual(problems.all, []);
  deepEqual([...new Set(plane.addresses().map(({ port }) => port))], [nodePort]);
  await loopback[Symbol.asyncDispose]();
  equal(await answerOf(nodePort), 'ECONNREFUSED');
});
