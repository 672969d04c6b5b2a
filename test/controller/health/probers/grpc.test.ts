import { deepEqual, equal, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { GrpcTarget, Verdict } from '../../../../controller/health/prober.ts';
import { grpcProber } from '../../../../controller/health/probers/grpc.ts';
import { listen, rawServer, refusedPort, silentServer } from './loopback.ts';

const never = new AbortController().signal;
const unhealthy = (reason: string): Verdict => ({ kind: 'unhealthy', reason });

function target(port: number, service = ''): GrpcTarget {
  return { kind: 'grpc', address: '127.0.0.1', port, service, host: undefined };
}

/** Answers every call with one message and one status, as gRPC servers do. */
function grpcServer(grpcStatus: string, message: readonly number[] | undefined): Http2Server {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    if (!message) {
      // "Trailers-Only": the status comes in the only HEADERS frame.
      stream.respond(
        { 'content-type': 'application/grpc', 'grpc-status': grpcStatus },
        { endStream: true },
      );
      return;
    }
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': grpcStatus }));
    stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
  });
  return server;
}

const cases: readonly (readonly [
  name: string,
  grpcStatus: string,
  message: readonly number[] | undefined,
  verdict: Verdict,
])[] = [
  ['SERVING', '0', [8, 1], { kind: 'healthy' }],
  ['NOT_SERVING', '0', [8, 2], unhealthy('gRPC health NOT_SERVING')],
  ['UNKNOWN', '0', [], unhealthy('gRPC health UNKNOWN')],
  [
    'unimplemented',
    '12',
    undefined,
    unhealthy('the server does not implement grpc.health.v1.Health'),
  ],
  [
    'unknown service',
    '5',
    undefined,
    unhealthy('the server does not know the gRPC service "cart"'),
  ],
  ['unavailable', '14', undefined, unhealthy('gRPC status 14')],
  ['OK without a message', '0', undefined, unhealthy('malformed gRPC health response: cut short')],
];

for (const [name, grpcStatus, message, verdict] of cases) {
  test(`gRPC probe: ${name}`, async (t) => {
    const port = await listen(t, grpcServer(grpcStatus, message));
    deepEqual(await grpcProber.probe(target(port, 'cart'), never), verdict);
  });
}

test('gRPC probe asks Health/Check about its service', async (t) => {
  const server = grpcServer('0', [8, 1]);
  const asked = Promise.withResolvers<{ path: unknown; te: unknown; body: string }>();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.once('data', (chunk: Buffer) => {
      asked.resolve({ path: headers[':path'], te: headers['te'], body: chunk.toString('latin1') });
    });
  });
  const port = await listen(t, server);
  await grpcProber.probe(target(port, 'cart'), never);
  deepEqual(await asked.promise, {
    path: '/grpc.health.v1.Health/Check',
    te: 'trailers',
    body: '\0\0\0\0\x06\n\x04cart',
  });
});

test('gRPC probe: HTTP/2, but no gRPC', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const port = await listen(t, server);
  deepEqual(await grpcProber.probe(target(port), never), unhealthy('HTTP status 404'));
});

test('gRPC probe: HTTP/2 that answers 200 to everything', async (t) => {
  const server = createServer((_request, response) => response.end('hello'));
  const port = await listen(t, server);
  const verdict = await grpcProber.probe(target(port), never);
  deepEqual(verdict, unhealthy('not a gRPC server: the answer has no grpc-status'));
});

test('gRPC probe: an HTTP/1 server', async (t) => {
  const port = await listen(
    t,
    createHttpServer((_request, response) => response.end('hello')),
  );
  const verdict = await grpcProber.probe(target(port), never);
  deepEqual(verdict, unhealthy('not an HTTP/2 server'));
});

test('gRPC probe: garbage', async (t) => {
  const port = await listen(t, rawServer('\x00\x01 garbage that is no frame'.repeat(9)));
  equal((await grpcProber.probe(target(port), never)).kind, 'unhealthy');
});

test('gRPC probe: an answer that does not end is bounded', async (t) => {
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond({ 'content-type': 'application/grpc' });
    stream.write(Buffer.alloc(16_000));
  });
  const port = await listen(t, server);
  deepEqual(await grpcProber.probe(target(port), never), unhealthy('answer exceeds 4096 bytes'));
});

test('gRPC probe: refused', async () => {
  const verdict = await grpcProber.probe(target(await refusedPort()), never);
  deepEqual(verdict, unhealthy('connection refused'));
});

test('gRPC probe: silence ends when it is aborted, and lets its socket go', async (t) => {
  const server = silentServer();
  const port = await listen(t, server);
  const connected: Promise<Socket[]> = once(server, 'connection');
  const attempt = new AbortController();
  const probe = grpcProber.probe(target(port), attempt.signal);
  const [socket] = await connected;
  ok(socket);
  await once(socket, 'data');
  socket.resume();
  const closed = once(socket, 'close');
  attempt.abort();
  equal((await probe).kind, 'unhealthy');
  await closed;
});
