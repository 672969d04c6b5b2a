import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  DataPlaneError,
  describeError,
  type ListenAddress,
  type Log,
} from '../../controller/base/index.ts';
import type { HostPort } from '../config/index.ts';

/** What a route answers. */
export interface AdminResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** An answer that goes on until the client leaves. */
export interface AdminStream {
  readonly contentType: string;
  /** Begins to write; what it returns is disposed of when the client is gone. */
  readonly open: (write: (text: string) => void) => Disposable;
}

/** What a handler sees of a request. The admin address takes no bodies: it is read-only. */
export interface AdminRequest {
  /** Path and query. */
  readonly url: URL;
  /** The client asks for HTML by name, as browsers do. */
  readonly wantsHtml: boolean;
}

export type AdminHandler = (
  url: URL,
  request: AdminRequest,
) => AdminResponse | AdminStream | Promise<AdminResponse | AdminStream>;

export interface AdminRoute {
  /** Exact path, or a prefix when it ends in `/` (but for `/` itself). */
  readonly path: string;
  readonly handle: AdminHandler;
}

/** Enough for a few scrapers and people; the rest is told so rather than queued. */
const maxConnections = 100;

/** Open pages and `portolan top`s. */
const maxStreams = 20;

/** A stream's client that is further behind than this has stopped reading. */
const maxUnreadBytes = 1024 * 1024;

/** The daemon's own HTTP address: probes, metrics, what the command asks for. */
export class AdminServer implements AsyncDisposable {
  readonly #routes: readonly AdminRoute[];
  readonly #log: Log;
  readonly #server: Server;
  #streams = 0;

  /** `routes`: the first that matches answers. */
  constructor(routes: readonly AdminRoute[], log: Log) {
    this.#routes = routes;
    this.#log = log;
    this.#server = createServer({ requestTimeout: 10_000 }, (request, response) => {
      void this.#answer(request).then((answer) => {
        if ('open' in answer) return this.#stream(answer, request, response);
        response.writeHead(answer.status, headers(answer.contentType));
        response.end(request.method === 'HEAD' ? undefined : answer.body);
      });
    });
    this.#server.maxConnections = maxConnections;
  }

  /** @throws DataPlaneError `AddressInUse`, `CannotListen` */
  async listen({ host, port }: HostPort): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const inUse = error.code === 'EADDRINUSE';
        const why = inUse ? 'another process listens there' : error.message;
        const code = inUse ? 'AddressInUse' : 'CannotListen';
        const message = `admin address ${host}:${port}: ${why}; choose another with --admin ADDR`;
        reject(new DataPlaneError(code, message, false, { cause: error }));
      });
      this.#server.listen({ host, port }, resolve);
    });
    this.#server.removeAllListeners('error');
    this.#server.on('error', (error) => this.#log.error({ error: error.message }, 'admin server'));
    const address = this.#server.address() as AddressInfo;
    return { name: 'admin', host: address.address, port: address.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #stream(
    { contentType, open }: AdminStream,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (request.method === 'HEAD') {
      response.writeHead(200, headers(contentType)).end();
      return;
    }
    if (this.#streams >= maxStreams) {
      response.writeHead(503, headers('text/plain; charset=utf-8'));
      response.end(`There are ${maxStreams} streams open already: close one.\n`);
      return;
    }
    this.#streams += 1;
    response.writeHead(200, headers(contentType));
    const opened = open((text) => {
      if (response.writableLength > maxUnreadBytes) response.destroy();
      else response.write(text);
    });
    response.once('close', () => {
      this.#streams -= 1;
      opened[Symbol.dispose]();
    });
  }

  async #answer(request: IncomingMessage): Promise<AdminResponse | AdminStream> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plainText(405, 'The admin address is read-only: use GET.\n');
    }
    if (isLoopback(request.socket.localAddress) && !isOwnHost(request.headers.host)) {
      return plainText(403, 'The admin address answers to IP addresses and localhost only.\n');
    }
    try {
      const url = new URL(request.url ?? '/', 'http://admin');
      const route = this.#routes.find(({ path }) =>
        path.endsWith('/') && path !== '/' ? url.pathname.startsWith(path) : url.pathname === path,
      );
      const wantsHtml = request.headers.accept?.includes('text/html') === true;
      return route
        ? await route.handle(url, { url, wantsHtml })
        : plainText(404, `Nothing at ${url.pathname}.\n`);
    } catch (error) {
      this.#log.error({ error: describeError(error) }, 'admin request failed');
      return plainText(500, `${describeError(error)}\n`);
    }
  }
}

function isLoopback(address: string | undefined): boolean {
  return address?.startsWith('127.') === true || address === '::1';
}

/**
 * Refuses names that an attacker's DNS may point here (DNS rebinding): a page in a browser on
 * this machine must not read the daemon's state.
 */
function isOwnHost(host: string | undefined): boolean {
  if (host === undefined) return true;
  return /^(localhost|[\d.]+|\[[\da-f:.]+\])(:\d+)?$/i.test(host);
}

function headers(contentType: string): Readonly<Record<string, string>> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    // Only this server's own pages may read it, and nothing may frame it.
    'content-security-policy': "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  };
}

export function plainText(status: number, body: string): AdminResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

export function json(value: unknown): AdminResponse {
  const body = `${JSON.stringify(value, undefined, 2)}\n`;
  return { status: 200, contentType: 'application/json', body };
}
