import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { TestApi } from '../api-client.ts';

const namespace = '/api/v1/namespaces/default';

/** Says what it was asked, and with which credential; upgrades to an echo. */
async function startBackend(context: TestContext): Promise<number> {
  const server: Server = createServer((request, response) => {
    const { authorization = 'no credential' } = request.headers;
    response.end(`${request.method} ${request.url} ${authorization}`);
  });
  server.on('upgrade', (request, socket) => {
    const { authorization = 'no credential' } = request.headers;
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
    );
    socket.write(`${request.url} ${authorization};`);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function withBackend(context: TestContext): Promise<{ api: TestApi; port: number }> {
  const port = await startBackend(context);
  const api = await TestApi.start(context);
  const metadata = { name: 'web', namespace: 'default' };
  await api.store.writeAll([
    {
      kind: 'put',
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { clusterIP: 'None', ports: [{ name: 'http', port: 80 }] },
      },
    },
    {
      kind: 'put',
      object: {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port }],
        endpoints: [
          { addresses: ['127.0.0.2'], conditions: { ready: false } },
          { addresses: ['127.0.0.1'] },
        ],
      },
    },
    {
      kind: 'put',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata,
        spec: { containers: [{ name: 'web', ports: [{ containerPort: port }] }] },
        status: { podIP: '127.0.0.1' },
      },
    },
  ]);
  return { api, port };
}

test('requests to Services and Pods reach what is behind them, without the credential', async (context) => {
  const { api, port } = await withBackend(context);
  const cases = [
    // path                              status  answer
    ['services/web/proxy/a%20b/?c=d', 200, /^GET \/a%20b\/\?c=d no credential$/],
    ['services/web:http/proxy/', 200, /^GET \/ no credential$/],
    ['services/http:web:80/proxy/x', 200, /^GET \/x no credential$/],
    ['pods/web/proxy/x', 200, /^GET \/x no credential$/],
    [`pods/web:${port}/proxy/x`, 200, /^GET \/x no credential$/],
    ['services/web:9/proxy/x', 400, /has no port \\"9\\"/],
    ['services/ftp:web:80/proxy/x', 400, /is no scheme/],
    ['services/none/proxy/x', 404, /services \\"none\\" not found/],
    ['pods/web:70000/proxy/x', 400, /is no port of a Pod/],
    ['pods/web:1/proxy/x', 503, /error trying to reach/],
  ] as const;
  for (const [path, status, answer] of cases) {
    const asked = await api.ask('GET', `${namespace}/${path}`);
    equal(asked.status, status, path);
    match(asked.text, answer);
  }
  const posted = await api.ask('POST', `${namespace}/services/web/proxy/x`, { body: {} });
  match(posted.text, /^POST \/x/);
});

test('WebSockets go through the proxies, both ways', async (context) => {
  const { api } = await withBackend(context);
  const socket = await upgraded(api, `${namespace}/services/web/proxy/echo`);
  context.after(() => socket.destroy());
  socket.write('hello');
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('hello')) break;
  }
  match(text, /^HTTP\/1\.1 101 [^]*\/echo no credential;hello$/);
});

test('what cannot be upgraded is refused', async (context) => {
  const { api } = await withBackend(context);
  for (const [path, status] of [
    [`${namespace}/services/web`, 400],
    [`${namespace}/services/none/proxy/`, 404],
  ] as const) {
    const socket = await upgraded(api, path);
    context.after(() => socket.destroy());
    const [head] = (await once(socket, 'data')) as [Buffer];
    match(head.toString(), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

async function upgraded(api: TestApi, path: string): Promise<TLSSocket> {
  const socket = api.connect();
  await once(socket, 'secureConnect');
  const headers = 'host: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n';
  socket.write(`GET ${path} HTTP/1.1\r\n${headers}authorization: Basic eA==\r\n\r\n`);
  return socket;
}
