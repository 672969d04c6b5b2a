import { once } from 'node:events';
import { createServer as createTcpServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer, TLSSocket } from 'node:tls';
import { type Clock, describeError, type Log } from '../../controller/base/index.ts';
import type { Responder } from './responder.ts';
import { type ServerTls, tlsOptions } from './server-tls.ts';
import type { StreamTimeouts } from './settings.ts';
import { TcpConnection } from './tcp-connection.ts';

/** Each costs a socket and at most a message of 64 KiB: bounds what strangers can make us hold. */
const maxConnections = 2000;

export interface TcpOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly reusePort: boolean;
  readonly timeouts: StreamTimeouts;
  /** Set: DNS over TLS (RFC 7858). */
  readonly tls: ServerTls | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/** Serves one address over TCP (RFC 7766) or TLS. Rejects when it can't be bound. */
export async function listenTcp(
  options: TcpOptions,
  responderFor: (port: number) => Responder,
): Promise<TcpListener> {
  const { host, port, reusePort, tls } = options;
  const handshakeTimeout = options.timeouts.readMs;
  // Half-open: a client that has sent all it has to ask still wants the answers.
  const common = { allowHalfOpen: true, noDelay: true };
  const server = tls
    ? createTlsServer({
        ...common,
        ...tlsOptions(tls),
        handshakeTimeout,
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['dot'],
      })
    : createTcpServer(common);
  server.maxConnections = maxConnections;
  server.listen({ host, port, reusePort, ipv6Only: isIP(host) === 6 });
  await once(server, 'listening');
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  return new TcpListener(server, boundPort, responderFor(boundPort), options);
}

/** One address served over a stream. */
export class TcpListener implements AsyncDisposable {
  readonly port: number;
  readonly responder: Responder;
  readonly #server: Server;
  readonly #connections: Set<TcpConnection> = new Set();
  /** Those too that have not shaken hands yet. */
  readonly #sockets: Set<Socket> = new Set();

  constructor(
    server: Server,
    port: number,
    responder: Responder,
    { clock, log, timeouts, tls }: Pick<TcpOptions, 'clock' | 'log' | 'timeouts' | 'tls'>,
  ) {
    this.port = port;
    this.responder = responder;
    this.#server = server;
    const parts = { responder, clock, timeouts, transport: tls ? 'tls' : 'tcp' } as const;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
      if (tls && socket instanceof TLSSocket && !tls.admits(socket)) {
        socket.destroy();
        return;
      }
      const connection = new TcpConnection(socket, parts, () =>
        this.#connections.delete(connection),
      );
      this.#connections.add(connection);
    });
    server.on('error', (error) => log.warn({ error: describeError(error) }, 'TCP socket failed'));
  }

  /** New connections get this certificate. */
  secure(tls: ServerTls): void {
    if (this.#server instanceof TlsServer) this.#server.setSecureContext(tlsOptions(tls));
  }

  /** No new connections, no new queries on those there are; resolves when all are answered. */
  async drain(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const connection of this.#connections) connection.finish();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    if (closed) this.#server.close();
    for (const connection of this.#connections) connection[Symbol.dispose]();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
