import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { test } from 'node:test';
import type { HttpTarget, Verdict } from '../../../../controller/health/prober.ts';
import { httpProber } from '../../../../controller/health/probers/http.ts';
import { listen, rawServer, refusedPort, silentServer } from './loopback.ts';
import { selfSigned } from './self-signed.ts';

const never = new AbortController().signal;

function target(port: number, more: Partial<HttpTarget> = {}): HttpTarget {
  return {
    kind: 'http',
    address: '127.0.0.1',
    port,
    path: '/healthz',
    host: undefined,
    headers: [],
    expectedStatus: undefined,
    verifyTls: false,
    ...more,
  };
}

const healthy: Verdict = { kind: 'healthy' };
const unhealthy = (reason: string): Verdict => ({ kind: 'unhealthy', reason });
const answer =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end('x');
  };

const statusCases: readonly (readonly [
  name: string,
  status: number,
  headers: Record<string, string>,
  expected: HttpTarget['expectedStatus'],
  verdict: Verdict,
])[] = [
  ['200', 200, {}, undefined, healthy],
  ['204 has no body', 204, {}, undefined, healthy],
  ['304, the top of the range', 304, {}, undefined, healthy],
  ['404', 404, {}, undefined, unhealthy('status 404')],
  ['500', 500, {}, undefined, unhealthy('status 500')],
  ['503', 503, {}, undefined, unhealthy('status 503')],
  ['302 without Location', 302, {}, undefined, healthy],
  [
    'redirect to another host',
    301,
    { location: 'http://elsewhere.example/x' },
    undefined,
    { kind: 'healthy', note: 'redirect to elsewhere.example not followed' },
  ],
  [
    'redirect to another scheme',
    302,
    { location: 'ftp://127.0.0.1/x' },
    undefined,
    { kind: 'healthy', note: 'redirect to 127.0.0.1 not followed' },
  ],
  [
    'redirect to no URL',
    302,
    { location: 'http://[' },
    undefined,
    unhealthy('status 302 with an invalid Location'),
  ],
  ['404 where 404 is expected', 404, {}, [{ from: 404, to: 404 }], healthy],
  ['200 where 404 is expected', 200, {}, [{ from: 404, to: 404 }], unhealthy('status 200')],
  [
    'expected redirect is not followed',
    302,
    { location: '/elsewhere' },
    [{ from: 302, to: 302 }],
    healthy,
  ],
];

for (const [name, status, headers, expectedStatus, verdict] of statusCases) {
  test(`HTTP probe: ${name}`, async (t) => {
    const port = await listen(t, createServer(answer(status, headers)));
    deepEqual(await httpProber.probe(target(port, { expectedStatus }), never), verdict);
  });
}

test('HTTP probe follows redirects on the same host, in any form, and judges the last answer', async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.host}`);
    if (request.url === '/healthz') response.writeHead(302, { location: 'deep/er?x=1' }).end();
    else if (request.url === '/deep/er?x=1') response.writeHead(307, { location: '/bad' }).end();
    else response.writeHead(500).end();
  });
  const port = await listen(t, server);
  const verdict = await httpProber.probe(target(port, { host: 'shop.example' }), never);
  deepEqual(verdict, unhealthy('status 500'));
  deepEqual(seen, [
    'GET /healthz shop.example',
    'GET /deep/er?x=1 shop.example',
    'GET /bad shop.example',
  ]);
});

test('HTTP probe follows a redirect to another port of the same host', async (t) => {
  const there = await listen(t, createServer(answer(200)));
  const location = `http://127.0.0.1:${there}/x`;
  const port = await listen(t, createServer(answer(301, { location })));
  deepEqual(await httpProber.probe(target(port), never), healthy);
});

test('HTTP probe gives up on a circle of redirects', async (t) => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(302, { location: '/healthz' }).end();
  });
  const port = await listen(t, server);
  const verdict = await httpProber.probe(target(port), never);
  deepEqual(verdict, unhealthy('more than 10 redirects'));
  equal(requests, 11);
});

test('HTTP probe sends Host, own headers and closes the connection', async (t) => {
  const server = createServer(answer(200));
  const port = await listen(t, server);
  const requested: Promise<IncomingMessage[]> = once(server, 'request');
  const headers = [
    ['X-Check', 'yes'],
    ['User-Agent', 'mine'],
  ] as const;
  await httpProber.probe(target(port, { host: 'shop.example:81', headers }), never);
  const [request] = await requested;
  ok(request);
  equal(request.headers.host, 'shop.example:81');
  equal(request.headers['x-check'], 'yes');
  equal(request.headers['user-agent'], 'mine');
  equal(request.headers.connection, 'close');
});

test('HTTP probe opens a connection each time: a kept one would outlive its listener', async (t) => {
  const server = createServer(answer(200));
  let connections = 0;
  server.on('connection', () => (connections += 1));
  const port = await listen(t, server);
  for (let round = 0; round < 3; round += 1) await httpProber.probe(target(port), never);
  equal(connections, 3);
});

const brokenCases: readonly (readonly [name: string, bytes: string, verdict: Verdict])[] = [
  ['garbage', '\x00\x01\x02 what is this\r\n\r\n', unhealthy('answer is not HTTP')],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n', unhealthy('answer is not HTTP')],
  [
    'a header beyond 16 KiB',
    `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`,
    unhealthy('answer has too large a header'),
  ],
];

for (const [name, bytes, verdict] of brokenCases) {
  test(`HTTP probe: ${name}`, async (t) => {
    const port = await listen(t, rawServer(bytes));
    deepEqual(await httpProber.probe(target(port), never), verdict);
  });
}

test('HTTP probe: refused', async () => {
  const verdict = await httpProber.probe(target(await refusedPort()), never);
  deepEqual(verdict, unhealthy('connection refused'));
});

test('HTTP probe: closed before an answer', async (t) => {
  const server = createTcpServer((socket) => void socket.once('data', () => socket.end()));
  const port = await listen(t, server);
  const verdict = await httpProber.probe(target(port), never);
  deepEqual(verdict, unhealthy('connection closed before an answer'));
});

test('HTTP probe reads no more of an endless body than it needs', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200);
    const pour = (): void => {
      while (!response.destroyed && response.write('x'.repeat(4096)));
    };
    response.on('drain', pour);
    pour();
  });
  const port = await listen(t, server);
  deepEqual(await httpProber.probe(target(port), never), healthy);
});

const hangCases: readonly (readonly [name: string, bytes: string | undefined])[] = [
  ['no answer', undefined],
  ['a body that stalls', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'],
];

for (const [name, bytes] of hangCases) {
  test(`HTTP probe: ${name} ends when it is aborted, and lets its socket go`, async (t) => {
    const server = bytes === undefined ? silentServer() : rawServer(bytes);
    const port = await listen(t, server);
    const connected: Promise<Socket[]> = once(server, 'connection');
    const attempt = new AbortController();
    const probe = httpProber.probe(target(port), attempt.signal);
    const [socket] = await connected;
    ok(socket);
    await once(socket, 'data');
    socket.resume();
    // Not `once`: an end by RST is as good.
    const closed = new Promise((resolve) => socket.once('close', resolve));
    attempt.abort();
    equal((await probe).kind, 'unhealthy');
    await closed;
  });
}

const tlsCases: readonly (readonly [name: string, more: Partial<HttpTarget>, verdict: Verdict])[] =
  [
    ['a self-signed certificate is fine by default', {}, healthy],
    [
      'not when verification is asked for',
      { verifyTls: true },
      unhealthy('self-signed certificate'),
    ],
    [
      'plain HTTP spoken to a TLS port',
      { kind: 'http' },
      unhealthy('connection closed before an answer'),
    ],
  ];

for (const [name, more, verdict] of tlsCases) {
  test(`HTTPS probe: ${name}`, async (t) => {
    const port = await listen(t, createTlsServer(selfSigned, answer(200)));
    deepEqual(await httpProber.probe(target(port, { kind: 'https', ...more }), never), verdict);
  });
}

test('HTTPS probe: a port that speaks plain HTTP', async (t) => {
  const port = await listen(t, createServer(answer(200)));
  const { kind, ...verdict } = await httpProber.probe(target(port, { kind: 'https' }), never);
  equal(kind, 'unhealthy');
  match(JSON.stringify(verdict), /TLS handshake failed: /);
});

test('HTTPS probe asks for the name of its host', async (t) => {
  const asked = Promise.withResolvers<string>();
  const server = createTlsServer(
    {
      ...selfSigned,
      SNICallback: (name, callback) => {
        asked.resolve(name);
        callback(null);
      },
    },
    answer(200),
  );
  const port = await listen(t, server);
  await httpProber.probe(target(port, { kind: 'https', host: 'health.example' }), never);
  equal(await asked.promise, 'health.example');
});
