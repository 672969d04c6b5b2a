import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { Readable } from 'node:stream';
import type { ServedAddress } from './scene.ts';

/** One answer that does not end. */
export interface HeldStream extends Disposable {
  readonly name: string;
  /** Parts that have come. */
  received: number;
  /** Why it is over; undefined: it is not. */
  ended: string | undefined;
  /** Sends something that comes back; where the server speaks by itself, nothing. */
  send(): void;
}

/** Opens all three kinds, each once it has answered. */
export async function openHeldStreams(
  at: ServedAddress,
  hosts: { readonly http: string; readonly grpc: string },
): Promise<readonly HeldStream[]> {
  return [
    await webSocket(at, hosts.http),
    await serverSentEvents(at, hosts.http),
    await grpc(at, hosts.grpc),
  ];
}

async function webSocket({ address, port }: ServedAddress, host: string): Promise<HeldStream> {
  const socket = connect({ host: address, port });
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101 ')) {
    throw new Error(`WebSocket: ${answer.toString('latin1', 0, 60)}`);
  }
  // A masked text frame of one letter.
  const frame = Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x60]);
  return held(
    'WebSocket',
    socket,
    () => socket.write(frame),
    () => socket.destroy(),
  );
}

async function serverSentEvents(
  { address, port }: ServedAddress,
  host: string,
): Promise<HeldStream> {
  const asked = get({ host: address, port, path: '/events', headers: { host }, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`events: status ${response.statusCode}`);
  return held(
    'SSE',
    response,
    () => {},
    () => asked.destroy(),
  );
}

async function grpc({ address, port }: ServedAddress, host: string): Promise<HeldStream> {
  const session = connectHttp2(`http://${address}:${port}`);
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': '/bench.Echo/Chat',
    ':authority': host,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  // A message: not compressed, of one byte.
  const message = Buffer.from([0, 0, 0, 0, 1, 7]);
  stream.write(message);
  const [fields] = (await once(stream, 'response')) as [Record<string, unknown>];
  if (fields['grpc-status'] !== undefined || fields[':status'] !== 200) {
    throw new Error(`gRPC: status ${String(fields[':status'])}`);
  }
  return held(
    'gRPC',
    stream,
    () => stream.write(message),
    () => session.destroy(),
  );
}

function held(name: string, stream: Readable, send: () => void, end: () => void): HeldStream {
  const one: HeldStream = {
    name,
    received: 0,
    ended: undefined,
    send,
    [Symbol.dispose]: end,
  };
  stream.on('data', () => {
    one.received += 1;
  });
  stream.on('error', (error) => {
    one.ended ??= error.message;
  });
  stream.on('close', () => {
    one.ended ??= 'closed';
  });
  return one;
}
