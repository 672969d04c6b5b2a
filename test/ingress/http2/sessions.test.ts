import { deepEqual, equal, ok as assert } from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { test } from 'node:test';
import { createWireEngine } from '../../../ingress/index.ts';
import { appTable, ok, RawUpstream, rawClient, rigWith, startRig } from '../engines/compat/rig.ts';
import { RawHttp2Client } from './raw-client.ts';
import {
  data,
  frame,
  headers,
  opening,
  preface,
  request,
  settings,
  windowUpdate,
} from './wire-frames.ts';

rigWith(createWireEngine);
const https = { host: '127.0.0.1', port: 0 } as const;
const connections = 'portolan_ingress_connections{listener="http"}';

/** Of GOAWAY. */
const code = { noError: 0, protocol: 1, settingsTimeout: 4, calm: 11 } as const;

async function goAwayOf(client: RawHttp2Client): Promise<number> {
  const { code: found } = await client.frame((one) => one.type === 'GOAWAY');
  await client.closed;
  return found;
}

test('draining: GOAWAY, what is under way ends, a late request is still served', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  using busy = new RawHttp2Client(rig.port);
  using idle = new RawHttp2Client(rig.port);
  idle.send(opening);
  await idle.frame((one) => one.ack);
  busy.send(opening, headers(1, request({ ':path': '/1' }), true));
  const first = await upstream.connection(0);
  await first.has('\r\n\r\n');
  const drained = rig.engine.drain(10_000);
  await busy.frame((one) => one.type === 'GOAWAY');
  // Sent before the client could know of it.
  busy.send(headers(3, request({ ':path': '/3' }), true));
  const { payload } = await busy.frame((one) => one.type === 'PING');
  busy.send(frame(6, 1, 0, payload));
  const second = await upstream.connection(1);
  first.socket.write(ok('one'));
  second.socket.write(ok('three'));
  equal((await busy.response(1)).body, 'one');
  equal((await busy.response(3)).body, 'three');
  await busy.closed;
  const last = busy.log.of('GOAWAY').map((one) => [one.payload.readUInt32BE(0), one.code]);
  deepEqual(last, [
    [0x7fff_ffff, 0],
    [3, 0],
  ]);
  await idle.frame((one) => one.type === 'PING');
  idle.send(frame(6, 1, 0, Buffer.alloc(8)));
  await idle.closed;
  await drained;
});

const silences: readonly (readonly [why: string, bytes: Buffer, code: number])[] = [
  ['half a preface', preface.subarray(0, 18), code.settingsTimeout],
  ['no SETTINGS', preface, code.settingsTimeout],
  ['no answer to SETTINGS', Buffer.concat([preface, settings()]), code.settingsTimeout],
  ['a head that stops', Buffer.concat([opening, frame(1, 0, 1, Buffer.alloc(1))]), code.calm],
  ['nothing asked', opening, code.noError],
];
for (const [why, bytes, wanted] of silences) {
  test(`a client that goes silent is let go: ${why}`, async () => {
    await using rig = await startRig(appTable(), {
      timeouts: { headMs: 100, keepAliveMs: 200, lingerMs: 100 },
    });
    using client = new RawHttp2Client(rig.port);
    client.send(bytes);
    equal(await goAwayOf(client), wanted);
    const errors = [...rig.meter.values].filter(([name]) => name.includes('http2_errors'));
    equal(errors.length, why === 'nothing asked' ? 0 : 1);
  });
}

test('a head that stops ends the connection while a stream is open, too', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: { headMs: 100, lingerMs: 100 },
  });
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request(), true));
  await (await upstream.connection(0)).has('\r\n\r\n');
  client.send(frame(1, 0, 3, Buffer.alloc(1)));
  equal(await goAwayOf(client), code.calm);
});

test('what only begins like a preface', async () => {
  await using rig = await startRig(appTable());
  using client = new RawHttp2Client(rig.port);
  client.send(preface.subarray(0, 18), Buffer.from('XX\r\n\r\n'));
  equal(await goAwayOf(client), code.protocol);
  // Behind a request of HTTP/1.1 it is none.
  const other = rawClient(rig.port);
  other.socket.write('GET / HTTP/1.1\r\nHost: app.test\r\n\r\n');
  other.socket.write(preface);
  await other.has('505');
  await other.closed;
});

test('a client that opens no window stops its endpoint, and is reset in time', async () => {
  let sent = 0;
  const piece = Buffer.alloc(65_536);
  await using upstream = new RawUpstream(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const more = (): void => {
      while (sent < 1_000_000_000 && socket.write(piece)) sent += piece.length;
    };
    socket.on('drain', more);
    more();
  });
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: { readMs: 300 },
  });
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request(), true));
  const { reset, body } = await client.response(1);
  equal(reset, 8);
  equal(body.length, 65_535);
  assert(sent < 50_000_000, `${sent} bytes were taken from the endpoint`);
});

test('a window opened byte by byte brings byte by byte', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(ok('0123456789')));
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, settings([4, 0]), headers(1, request(), true));
  await client.frame((one) => one.type === 'HEADERS');
  for (let at = 0; at < 10; at += 1) {
    client.send(windowUpdate(1, 1));
    await client.frame(() => client.log.of('DATA').length === at + 1);
  }
  equal((await client.response(1)).body, '0123456789');
});

test('an endpoint that does not read stops the client, and no other stream', async () => {
  await using upstream = new RawUpstream(({ socket, text }) => {
    if (text().startsWith('GET')) socket.write(ok('quick'));
    else socket.pause();
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request({ ':method': 'POST' }), false));
  const piece = 'x'.repeat(16_000);
  // As much as the windows allow, again and again, until no more is granted for a hundred turns.
  let granted = 65_535;
  let sent = 0;
  const count = (): number =>
    client.log
      .of('WINDOW_UPDATE', 1)
      .reduce((sum, one) => sum + one.payload.readUInt32BE(0), 65_535);
  for (let turns = 0; turns < 300; turns += 1) {
    granted = count();
    while (granted - sent >= piece.length && sent < 40_000_000) {
      client.send(data(1, piece, false));
      sent += piece.length;
      turns = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert(sent < 40_000_000, 'windows without end');
  client.send(headers(3, request(), true));
  equal((await client.response(3)).body, 'quick');
});

test('connections are counted once, whatever they turn out to speak', async () => {
  await using rig = await startRig(appTable());
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request(), true));
  await client.response(1);
  equal(rig.meter.values.get(connections), 1);
  client.socket.destroy();
  while (rig.meter.values.get(connections) !== 0) await new Promise((done) => setImmediate(done));
});

async function session(url: string): Promise<ClientHttp2Session> {
  const client = connectHttp2(url, { rejectUnauthorized: false });
  await once(client, 'connect');
  return client;
}

test('node:http2 over TLS: ALPN, bodies larger than any window, both ways', async () => {
  const size = 3_000_000;
  await using upstream = new RawUpstream(({ socket, text }) => {
    if (text().length > size && text().endsWith('y')) socket.write(ok('z'.repeat(size)));
  });
  await using rig = await startRig(appTable(await upstream.listen()), { https });
  const client = await session(`https://localhost:${rig.httpsPort}`);
  equal(client.alpnProtocol, 'h2');
  const stream = client.request({
    ':method': 'POST',
    ':authority': 'app.test',
    ':path': '/',
    'content-length': size,
  });
  stream.end('y'.repeat(size));
  const [head] = await once(stream, 'response');
  equal(head[':status'], 200);
  let received = 0;
  for await (const chunk of stream) received += (chunk as Buffer).length;
  equal(received, size);
  client.close();
  await once(client, 'close');
});

test('node:http2: a hundred streams at a time, compressed heads, one connection', async () => {
  await using upstream = new RawUpstream(({ socket, text }) => {
    const [path = ''] = text().split('GET ').at(-1)?.split(' ') ?? [];
    if (!text().endsWith('\r\n\r\n')) return;
    socket.write(ok(path, 'X-Same: for all', `X-Path: ${path}`));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = await session(`http://127.0.0.1:${rig.port}`);
  for (let round = 0; round < 3; round += 1) {
    const answers = Array.from({ length: 90 }, async (_, index) => {
      const path = `/${round}/${index}`;
      const stream = client.request({
        ':authority': 'app.test',
        ':path': path,
        'x-tag': `${index % 7}`,
      });
      const [head] = await once(stream, 'response');
      const [body] = await once(stream.setEncoding('latin1'), 'data');
      return head['x-path'] === path && body === path && head['x-same'] === 'for all';
    });
    deepEqual(new Set(await Promise.all(answers)), new Set([true]));
  }
  client.close();
  await once(client, 'close');
});
