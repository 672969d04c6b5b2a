import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { appTable, exchange, get, ok, parse, RawUpstream, rawClient, startRig } from './rig.ts';

const asking = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: x',
  'Sec-WebSocket-Version: 13',
] as const;
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

test('WebSocket messages pass both ways, and a close with its code', async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('message', (data: RawData, isBinary) => socket.send(data, { binary: isBinary }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await using rig = await startRig(appTable({ address: '127.0.0.1', port, weight: 1 }));
  const client = new WebSocket(`ws://127.0.0.1:${rig.port}/chat`, {
    headers: { Host: 'app.test' },
  });
  await once(client, 'open');
  const big = Buffer.alloc(1_000_000, 7);
  client.send(big);
  const [echo] = await once(client, 'message');
  deepEqual(echo, big);
  client.close(4001, 'enough');
  const [code, reason] = await once(client, 'close');
  equal(code, 4001);
  equal(String(reason), 'enough');
  await rig.has(
    'portolan_ingress_requests_total{code="1xx",ingress="web",namespace="default",service="app"}',
  );
  server.close();
});

test('bytes right behind either head belong to the tunnel', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().includes('early-up') && !text().includes('late'))
      socket.write(`${switching}early-down`);
    if (text().includes('\r\n\r\n') && !text().includes('early-up'))
      socket.write(`${switching}early-down`);
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(`${get('/', ...asking)}early-up`);
  await client.has('early-down');
  await upstream.connections[0]?.has('early-up');
  client.socket.destroy();
  await upstream.connections[0]?.closed;
});

test('the endpoint gets Upgrade and Connection, and not twice', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('no')));
  await using rig = await startRig(appTable(await upstream.listen()));
  await exchange(rig.port, get('/', ...asking, 'Connection: close'));
  const text = upstream.connections[0]?.text() ?? '';
  equal(text.match(/^upgrade: websocket\r$/gim)?.length, 1);
  equal(text.match(/^connection: upgrade\r$/gim)?.length, 1);
  match(text, /^Sec-WebSocket-Key: x\r$/m);
});

test('an endpoint that refuses the upgrade: its answer, as a response', async () => {
  await using upstream = new RawUpstream(({ socket }) => {
    socket.write(
      'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n',
    );
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const { status, head, body } = parse(
    await exchange(rig.port, get('/', ...asking, 'Connection: close')),
  );
  equal(status, 403);
  match(head, /^Transfer-Encoding: chunked$/m);
  equal(body, '2\r\nno\r\n0\r\n\r\n');
});

test('an endpoint that switches to something else: 502', async () => {
  await using upstream = new RawUpstream(({ socket }) =>
    socket.write(switching.replace('websocket', 'h2c')),
  );
  await using rig = await startRig(appTable(await upstream.listen()));
  equal(parse(await exchange(rig.port, get('/', ...asking, 'Connection: close'))).status, 502);
  await upstream.connections[0]?.closed;
});

test('no endpoint for an upgrade: 503', async () => {
  await using rig = await startRig(appTable());
  equal(parse(await exchange(rig.port, get('/', ...asking, 'Connection: close'))).status, 503);
});

const plain = [
  [
    'with a body',
    'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nContent-Length: 2\r\n\r\nhi',
  ],
  [
    'by POST',
    'POST / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  ],
  [
    'to h2c',
    'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
  ],
] as const;
for (const [what, bytes] of plain) {
  test(`an upgrade ${what} is a plain request, without Upgrade`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.write(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()));
    equal(parse(await exchange(rig.port, bytes)).status, 200);
    equal(/upgrade|http2/i.test(upstream.connections[0]?.text() ?? ''), false);
  });
}

test('an endpoint that dies takes the tunnel along', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(switching));
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(get('/', ...asking));
  await client.has('101');
  upstream.connections[0]?.socket.resetAndDestroy();
  await client.closed;
});

test('a tunnel through which nothing passes is cut', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(switching));
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: { tunnelMs: 50 },
  });
  equal(parse(await exchange(rig.port, get('/', ...asking))).status, 101);
});

test('draining leaves a tunnel until the deadline', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(switching));
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(get('/', ...asking));
  await client.has('101');
  await rig.engine.drain(50);
  await client.closed;
});
