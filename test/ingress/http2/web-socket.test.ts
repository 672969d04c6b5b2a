import { deepEqual, equal, match } from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createWireEngine } from '../../../ingress/index.ts';
import { appTable, ok, RawUpstream, rigWith, startRig } from '../engines/compat/rig.ts';
import { RawHttp2Client } from './raw-client.ts';
import { data, headers, opening, request, rst } from './wire-frames.ts';

rigWith(createWireEngine);

const asking = request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' }, [
  ['sec-websocket-version', '13'],
  ['sec-websocket-protocol', 'talk'],
]);

/** Accepts, as RFC 6455 §4.2.2 has it, and sends what comes back in capitals. */
function echo(accept: (key: string) => string): RawUpstream {
  return new RawUpstream(({ socket, text }) => {
    const end = text().indexOf('\r\n\r\n') + 4;
    const [, key = ''] = /Sec-WebSocket-Key: (\S+)/i.exec(text()) ?? [];
    if (text().length === end) {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept(key)}\r\nSec-WebSocket-Protocol: talk\r\n\r\n`,
      );
    } else if (text().endsWith('.')) {
      socket.write(text().slice(end).toUpperCase());
    }
  });
}

const rfc = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');

test('a WebSocket over a stream, to an endpoint of HTTP/1.1', async () => {
  await using upstream = echo(rfc);
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, asking, false));
  const { payload } = await client.frame((one) => one.type === 'SETTINGS' && !one.ack);
  // ENABLE_CONNECT_PROTOCOL, 1.
  match(payload.toString('hex'), /000800000001/);
  const { fields } = await client.frame((one) => one.type === 'HEADERS');
  deepEqual([fields[':status'], fields['sec-websocket-protocol']], ['200', 'talk']);
  equal(fields['sec-websocket-accept'], undefined);
  client.send(data(1, 'hello', false), data(1, ' you.', false));
  await client.frame((one) => one.payload.toString() === 'HELLO YOU.');
  const { text, socket, closed } = await upstream.connection(0);
  match(text(), /^GET \/chat HTTP\/1\.1\r\n[^]*\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
  // Half-closed by one side, and then by the other.
  client.send(data(1, '', true));
  await closed;
  socket.end();
  equal((await client.response(1)).body, 'HELLO YOU.');
});

test('a reset cuts the tunnel at the endpoint', async () => {
  await using upstream = echo(rfc);
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, asking, false));
  await client.frame((one) => one.type === 'HEADERS');
  client.send(rst(1, 8));
  const { closed } = await upstream.connection(0);
  await closed;
});

test('bytes that come with the request wait for the tunnel', async () => {
  await using upstream = echo(rfc);
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, asking, false), data(1, 'early.', false));
  await client.frame((one) => one.payload.toString() === 'EARLY.');
});

test('an endpoint that accepts somebody else’s key', async () => {
  await using upstream = echo(() => 'nonsense');
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, asking, false));
  equal((await client.response(1)).reset, 2);
});

test('an endpoint that declines answers as to any request', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(ok('no')));
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, asking, false));
  const { fields, body } = await client.response(1);
  deepEqual([fields[':status'], body], ['200', 'no']);
});
