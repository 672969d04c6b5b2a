import { createServer, type IncomingMessage, type Server } from 'node:http';
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

/** The request's path and query. The admin address takes no bodies: it is read-only. */
export type AdminHandler = (url: URL) => AdminResponse | Promise<AdminResponse>;

export interface AdminRoute {
  /** Exact path, or a prefix when it ends in `/` (but for `/` itself). */
  readonly path: string;
  readonly handle: AdminHandler;
}

/** Enough for a few scrapers and people; the rest is told so rather than queued. */
const maxConnections = 100;

/** The daemon's own HTTP address: probes, metrics, what the command asks for. */
export class AdminServer implements AsyncDisposable {
  readonly #routes: readonly AdminRoute[];
  readonly #log: Log;
  readonly #server: Server;

  /** `routes`: the first that matches answers. */
  constructor(routes: readonly AdminRoute[], log: Log) {
    this.#routes = routes;
    this.#log = log;
    this.#server = createServer({ requestTimeout: 10_000 }, (request, response) => {
      void this.#answer(request).then(({ status, contentType, body }) => {
        response.writeHead(status, {
          'content-type': contentType,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
          // Only this server's own pages may read it, and nothing may frame it.
          'content-security-policy': "default-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
        });
        response.end(request.method === 'HEAD' ? undefined : body);
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

  async #answer(request: IncomingMessage): Promise<AdminResponse> {
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
      return route ? await route.handle(url) : plainText(404, `Nothing at ${url.pathname}.\n`);
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

export function plainText(status: number, body: string): AdminResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

export function json(value: unknown): AdminResponse {
  const body = `${JSON.stringify(value, undefined, 2)}\n`;
  return { status: 200, contentType: 'application/json', body };
}
