import { equal, ok as assert } from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { createWireEngine } from '../../../../ingress/index.ts';
import { appTable, get, ok, RawUpstream, rigWith, startRig } from '../compat/rig.ts';

rigWith(createWireEngine);
const https = { host: '127.0.0.1', port: 0 } as const;

async function open(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

/** Also after an error. */
async function closing(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((done) => socket.once('close', () => done()));
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

test('bodies longer than any buffer pass both ways, and the end is said by close_notify', async () => {
  const body = 'x'.repeat(2_000_000);
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().length > body.length && text().endsWith('x')) socket.end(ok(body));
  });
  await using rig = await startRig(appTable(await upstream.listen()), { https });
  const socket = await open(rig.httpsPort);
  const head = `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  socket.write(head + body);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  // A connection that is cut gives 'error' instead.
  await once(socket, 'end');
  equal(received.slice(received.indexOf('\r\n\r\n') + 4) === body, true);
});

test('a client that does not read is waited for, and its endpoint with it', async () => {
  let sent = 0;
  const chunk = Buffer.alloc(65_536);
  await using upstream = new RawUpstream(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
    const more = (): void => {
      while (sent < 1_000_000_000 && socket.write(chunk)) sent += chunk.length;
    };
    socket.on('drain', more);
    more();
  });
  await using rig = await startRig(appTable(await upstream.listen()), { https });
  const socket = await open(rig.httpsPort);
  socket.pause();
  socket.write(get('/'));
  await upstream.connection(0);
  let before = -1;
  // Until a hundred turns of the loop bring nothing more.
  while (before !== sent) {
    before = sent;
    for (let turn = 0; turn < 100; turn += 1) await new Promise((done) => setImmediate(done));
  }
  assert(sent < 100_000_000, `${sent} bytes were taken from the endpoint`);
  socket.destroy();
});

test('garbage instead of a handshake, and a handshake that stalls', async () => {
  await using rig = await startRig(appTable(), { https, timeouts: { handshakeMs: 100 } });
  const failures = 'portolan_ingress_tls_handshake_failures_total';
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01', '']) {
    const socket = connectTcp(rig.httpsPort, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(bytes, 'latin1');
    socket.resume();
    await closing(socket);
  }
  equal(rig.meter.values.get(failures), 3);
});

test('whatever happens to connections, no descriptor is left behind', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(ok('done')));
  await using rig = await startRig(appTable(await upstream.listen()), {
    https,
    timeouts: { lingerMs: 100 },
  });
  const before = descriptors();
  const visits = Array.from({ length: 60 }, async (_, index) => {
    const socket = connect({ port: rig.httpsPort, host: '127.0.0.1', rejectUnauthorized: false });
    socket.on('error', () => {});
    if (index % 5 === 0) {
      // In the middle of the handshake.
      socket.once('connect', () => socket.destroy());
    } else {
      await once(socket, 'secureConnect');
      socket.write(get('/', ...(index % 2 === 0 ? ['Connection: close'] : [])));
      await once(socket, 'data');
      if (index % 3 === 0) socket.destroy();
      else socket.end();
    }
    socket.resume();
    await closing(socket);
  });
  await Promise.all(visits);
  for (const { socket } of upstream.connections) socket.destroy();
  const open = 'portolan_ingress_connections{listener="https"}';
  while (rig.meter.values.get(open) !== 0) await new Promise((done) => setImmediate(done));
  while (descriptors() > before) await new Promise((done) => setImmediate(done));
});
