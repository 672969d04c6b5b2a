import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const eventEveryMs = 50;

/** Endpoints whose answers do not end: an echo behind an upgrade, events, a gRPC stream. */
export class StreamServers implements Disposable {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly #servers: readonly (Server | Http2Server)[];
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(http: Server, grpc: Http2Server, sockets: ReadonlySet<Socket>) {
    this.httpPort = (http.address() as AddressInfo).port;
    this.grpcPort = (grpc.address() as AddressInfo).port;
    this.#servers = [http, grpc];
    this.#sockets = sockets;
  }

  static async start(): Promise<StreamServers> {
    const http = httpServer();
    const grpc = grpcServer();
    const sockets = new Set<Socket>();
    for (const server of [http, grpc]) {
      server.on('connection', (socket: Socket) => sockets.add(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    return new StreamServers(http, grpc, sockets);
  }

  [Symbol.dispose](): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

function httpServer(): Server {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const timer = setInterval(() => response.write('data: tick\n\n'), eventEveryMs);
    response.on('close', () => clearInterval(timer));
  });
  // What frames hold is between the two ends: here every byte comes back.
  server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers['sec-websocket-key'] ?? '';
    socket.on('error', () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return server;
}

/** One method with streams both ways, which sends back what it gets. */
function grpcServer(): Http2Server {
  const server = createHttp2Server();
  server.on('stream', (stream) => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/grpc' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('error', () => {});
    stream.pipe(stream);
  });
  return server;
}
