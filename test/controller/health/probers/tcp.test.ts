import { deepEqual, equal } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { tcpProber } from '../../../../controller/health/probers/tcp.ts';
import { listen, refusedPort } from './loopback.ts';

const never = new AbortController().signal;

test('TCP probe: a listener is healthy, and sees an orderly end', async (t) => {
  const server = createServer();
  const port = await listen(t, server);
  const connected: Promise<Socket[]> = once(server, 'connection');
  const verdict = await tcpProber.probe({ kind: 'tcp', address: '127.0.0.1', port }, never);
  deepEqual(verdict, { kind: 'healthy' });
  const [socket] = await connected;
  const errors: Error[] = [];
  socket?.on('error', (error) => errors.push(error));
  socket?.resume();
  if (socket && !socket.closed) await once(socket, 'close');
  deepEqual(errors, []);
});

test('TCP probe: nobody listens', async () => {
  const port = await refusedPort();
  const verdict = await tcpProber.probe({ kind: 'tcp', address: '127.0.0.1', port }, never);
  deepEqual(verdict, { kind: 'unhealthy', reason: 'connection refused' });
});

test('TCP probe: aborted before it began', async (t) => {
  const server = createServer();
  const port = await listen(t, server);
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const target = { kind: 'tcp', address: '127.0.0.1', port } as const;
  equal((await tcpProber.probe(target, AbortSignal.abort())).kind, 'unhealthy');
  equal(connections, 0);
});
