import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { isIP, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Clock, describeError, type Log } from '../../controller/base/index.ts';
import { leastTtlSec } from './least-ttl.ts';
import type { Arrival, Responder } from './responder.ts';
import { type ServerTls, tlsOptions } from './server-tls.ts';
import type { StreamTimeouts } from './settings.ts';

const mediaType = 'application/dns-message';
const path = '/dns-query';
const maxBodyOctets = 65_535;
const maxConnections = 200;

export interface HttpsOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly reusePort: boolean;
  readonly timeouts: StreamTimeouts;
  /** Undefined: plain HTTP/1.1, behind whatever ends TLS. */
  readonly tls: ServerTls | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** Serves one address over HTTPS (RFC 8484), HTTP/2 and HTTP/1.1. Rejects when it can't be bound. */
export async function listenHttps(
  options: HttpsOptions,
  responderFor: (port: number) => Responder,
): Promise<HttpsListener> {
  const { host, port, reusePort, tls, log } = options;
  const handle = (request: Request, response: Response): void => {
    void listener.serve(request, response).catch((error: unknown) => {
      log.warn({ error: describeError(error) }, 'a DNS query over HTTPS failed');
      response.destroy();
    });
  };
  const server = tls
    ? createSecureServer({ ...tlsOptions(tls), minVersion: 'TLSv1.2', allowHTTP1: true }, handle)
    : createHttpServer(handle);
  server.on('secureConnection', (socket) => {
    if (tls && socket instanceof TLSSocket && !tls.admits(socket)) socket.destroy();
  });
  server.maxConnections = maxConnections;
  server.setTimeout(options.timeouts.idleMs);
  server.listen({ host, port, reusePort, ipv6Only: isIP(host) === 6 });
  await once(server, 'listening');
  const address = server.address();
  const boundPort = typeof address === 'object' && address ? address.port : port;
  const listener = new HttpsListener(server, boundPort, responderFor(boundPort));
  return listener;
}

/** One address served over HTTPS. */
export class HttpsListener implements AsyncDisposable {
  readonly port: number;
  readonly responder: Responder;
  readonly #server: Http2SecureServer | ReturnType<typeof createHttpServer>;
  readonly #sockets: Set<Socket> = new Set();

  constructor(
    server: Http2SecureServer | ReturnType<typeof createHttpServer>,
    port: number,
    responder: Responder,
  ) {
    this.#server = server;
    this.port = port;
    this.responder = responder;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Answers one request. */
  async serve(request: Request, response: Response): Promise<void> {
    const query = await readQuery(request);
    if (typeof query === 'number') {
      response.statusCode = query;
      if (query === 405) response.setHeader('allow', 'GET, POST');
      response.end();
      return;
    }
    const { socket } = request;
    const arrival: Arrival = {
      transport: 'https',
      client: { address: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 },
      family: socket.remoteFamily === 'IPv6' ? 6 : 4,
    };
    const octets = await this.responder.respond(query, arrival);
    if (!octets) {
      response.statusCode = 400;
      response.end();
      return;
    }
    response.setHeader('content-type', mediaType);
    // RFC 8484 §5.1: an HTTP cache must not keep a reply longer than its records.
    response.setHeader('cache-control', `max-age=${leastTtlSec(octets)}`);
    response.end(octets);
  }

  /** New connections get this certificate. */
  secure(tls: ServerTls): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(tlsOptions(tls));
  }

  async drain(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await this.responder.whenIdle();
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    if (closed) this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** The message that a request carries, or the status that says why there is none. */
async function readQuery(request: Request): Promise<Buffer | number> {
  const url = new URL(request.url ?? '/', 'https://localhost');
  if (url.pathname !== path) return 404;
  if (request.method === 'GET') {
    const [text, ...more] = url.searchParams.getAll('dns');
    if (text === undefined || more.length > 0 || !/^[\w-]+$/.test(text)) return 400;
    return Buffer.from(text, 'base64url');
  }
  if (request.method !== 'POST') return 405;
  if (request.headers['content-type'] !== mediaType) return 415;
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) return 400;
    octets += chunk.length;
    if (octets > maxBodyOctets) return 413;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
