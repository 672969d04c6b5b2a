import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenAddress } from '../../../controller/base/index.ts';
import type { Arrival, ExchangeContext } from './context.ts';
import { Exchange } from './exchange.ts';
import type { ListenOn } from '../shared/options.ts';
import { rawReply } from './reply.ts';
import type { ServerCertificates } from '../shared/server-certificates.ts';

/** One address that the engine serves. */
export interface ListenerOptions {
  readonly scheme: 'http' | 'https';
  readonly on: ListenOn;
  readonly reusePort: boolean;
  readonly context: ExchangeContext;
  readonly certificates: ServerCertificates;
}

/** How often node looks for heads that are too slow. */
const deadlineCheckMs = 500;

/** A server with the connections it has accepted. */
export class Listener implements AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections on which no request has come yet; over TLS, once the handshake is done. */
  readonly #unused = new Set<Socket>();
  /** The exchanges of a connection, newest last: several only if the client pipelines. */
  readonly #exchanges = new WeakMap<Duplex, Set<Exchange>>();

  #arrival: Arrival;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#arrival = { scheme: options.scheme, port: options.on.port };
    this.#server = this.#createServer();
    this.#wire();
  }

  /** @throws the system's error (EADDRINUSE, EACCES …) */
  async listen(): Promise<void> {
    const { on, reusePort } = this.#options;
    const listening = once(this.#server, 'listening');
    this.#server.listen({
      ...on,
      // Linux has it; where it is missing, one process owns the port.
      reusePort,
      ipv6Only: isIPv6(on.host),
      backlog: 511,
    });
    await listening;
    const port = this.address()?.port ?? on.port;
    this.#arrival = { scheme: this.#options.scheme, port };
  }

  address(): ListenAddress | undefined {
    const bound = this.#server.address();
    if (bound === null || typeof bound === 'string') return undefined;
    return { name: this.#options.scheme, host: bound.address, port: bound.port };
  }

  /** Takes no new connection, and closes those between two requests. Resolves when all are gone. */
  async drain(): Promise<void> {
    if (this.#server.listening) this.#server.close();
    this.#server.closeIdleConnections();
    // To node a connection without a request yet is a busy one.
    for (const socket of this.#unused) socket.destroySoon();
    const open = [...this.#sockets].filter((socket) => !socket.destroyed);
    await Promise.all(open.map((socket) => once(socket, 'close')));
  }

  /** Cuts every connection, upgraded ones too. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    if (closed) this.#server.close();
    this.cut();
    await closed;
  }

  #createServer(): Server {
    const { scheme, context, certificates } = this.#options;
    const { limits, timeouts } = context;
    const common: ServerOptions = {
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: limits.headBytes,
      headersTimeout: timeouts.headMs,
      // A whole request may take as long as it makes progress: see `readMs`.
      requestTimeout: 0,
      keepAliveTimeout: timeouts.keepAliveMs,
      connectionsCheckingInterval: deadlineCheckMs,
      noDelay: true,
      shouldUpgradeCallback: isWebSocket,
    };
    if (scheme === 'http') return createHttpServer(common);
    return createHttpsServer({
      ...common,
      ...certificates.defaultContext,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: timeouts.handshakeMs,
      SNICallback: (name, done) => done(null, certificates.contextFor(name)),
    });
  }

  #wire(): void {
    const { scheme, context } = this.#options;
    const server = this.#server;
    server.maxConnections = context.limits.connections;
    server.maxRequestsPerSocket = context.limits.requestsPerConnection;
    // node drops fields above its own count in silence: the exchange counts, and refuses.
    server.maxHeadersCount = 0;
    const gauge = context.metrics.connections(scheme);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      gauge.add(1);
      socket.once('close', () => {
        this.#sockets.delete(socket);
        gauge.add(-1);
      });
    });
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#unused.add(socket);
      socket.once('close', () => this.#unused.delete(socket));
    });
    server.on('request', (request, response) => this.#serve(request, response));
    // Our own `writeContinue`, once an endpoint is there to take the body.
    server.on('checkContinue', (request, response) => this.#serve(request, response));
    server.on('checkExpectation', (request, response) => this.#serve(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('connect', (request, socket) => this.#refuseConnect(request, socket));
    server.on('clientError', (error, socket) => this.#malformed(error, socket));
    server.on('tlsClientError', () => context.metrics.handshakeFailures.inc());
    server.on('error', (error) => context.log.warn({ err: error, scheme }, 'listener failed'));
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(this.#options.context, request, response, this.#arrival);
    const { socket } = request;
    this.#unused.delete(socket);
    const active = this.#exchanges.get(socket) ?? new Set();
    this.#exchanges.set(socket, active.add(exchange));
    response.once('close', () => active.delete(exchange));
    exchange.serve();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // node types it as the least it may be; what it accepts are sockets.
    if (!(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    this.#unused.delete(socket);
    // 'close' follows.
    socket.on('error', () => {});
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    // A refusal is an ordinary response, and the last on its connection.
    response.once('finish', () => {
      response.detachSocket(socket);
      socket.destroySoon();
    });
    new Exchange(this.#options.context, request, response, this.#arrival, {
      socket,
      head,
    }).serve();
  }

  /** No gateway to anywhere: RFC 9110 §9.3.6 leaves us free to say so. */
  #refuseConnect(_request: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => {});
    socket.end(rawReply(405), 'latin1');
  }

  /** What node's parser refused. Earlier requests on the connection are not answered twice. */
  #malformed(error: Error, socket: Duplex): void {
    const status = parserStatus(error);
    const [only, ...others] = this.#exchanges.get(socket) ?? [];
    if (status === undefined || !socket.writable || others.length > 0) {
      socket.destroy();
      return;
    }
    // An answer that has begun is flushed, and ends where it is: too short, unless it was whole.
    if (only?.bodyMalformed(status) !== false) socket.write(rawReply(status), 'latin1');
    if (socket instanceof Socket) socket.destroySoon();
    else socket.destroy();
  }
}

/** What may become a tunnel: others are plain requests, and lose their Upgrade field. */
function isWebSocket(request: IncomingMessage): boolean {
  const { headers } = request;
  return (
    request.method === 'GET' &&
    request.httpVersion === '1.1' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0'
  );
}

/** The status for a parser's error code; undefined: the connection is gone, nobody listens. */
function parserStatus(error: Error): number | undefined {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ECONNRESET':
    case 'EPIPE':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return 431;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_INVALID_VERSION':
      // The parser has one code for a version that there is not, and for LF alone behind one.
      return 'reason' in error && error.reason === 'Invalid HTTP version' ? 505 : 400;
    default:
      return 400;
  }
}
