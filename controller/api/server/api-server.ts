import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type BoundCounter,
  DataPlaneError,
  describeError,
  type Family,
  type ListenAddress,
} from '../../base/index.ts';
import { authenticate, type TokenUser } from '../access/authenticate.ts';
import type { Credential } from '../access/certificate.ts';
import { isOpen, type User, userOf } from '../access/user.ts';
import { Discovery } from '../discovery/serve.ts';
import { parseTarget, type ResourceTarget } from '../request/target.ts';
import { ApiError, asApiError, statusOf } from '../status.ts';
import type { AuditLog } from './audit-log.ts';
import {
  type ApiContext,
  jsonReply,
  type Reply,
  type ResourceRequest,
  subjectOf,
} from './context.ts';
import { type LimitOptions, Limits, type RequestClass } from './limits.ts';
import { ServiceProxy } from './service-proxy.ts';
import { authorize, resourceOf, serveResource, type Verb, verbOf } from './serve-resource.ts';

export interface ApiServerOptions extends ApiContext {
  readonly server: Credential;
  /** PEM; client certificates that it signed are believed. */
  readonly authority: string;
  readonly tokens: readonly TokenUser[];
  readonly limits?: LimitOptions;
  readonly audit?: AuditLog;
  /** Undefined: ready; else why not. */
  readonly notReady: () => string | undefined;
}

/** Connections; each watch of an HTTP/1.1 client has its own. */
const maxConnections = 10_000;
/** A client has this long to send its headers, and this long for the rest. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;

const anonymous: User = userOf('system:anonymous', []);

/** The embedded Kubernetes API: HTTPS, and whoever asks has to prove who it is. */
export class ApiServer implements AsyncDisposable {
  readonly #options: ApiServerOptions;
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #discovery: Discovery;
  readonly #proxy: ServiceProxy;
  readonly #requests: Family<BoundCounter>;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#limits = new Limits(options.limits);
    this.#discovery = new Discovery(options.registry);
    this.#proxy = new ServiceProxy(options);
    this.#requests = options.meter.counter({
      name: 'portolan_api_requests_total',
      help: 'Requests to the embedded API, by verb and HTTP status.',
      labelNames: ['verb', 'code'],
    });
    this.#server = createServer(
      {
        cert: options.server.certificate,
        key: options.server.privateKey,
        ca: options.authority,
        requestCert: true,
        // A client without a certificate may have a token; who has neither is refused by us.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        headersTimeout: headersTimeoutMs,
        requestTimeout: requestTimeoutMs,
        noDelay: true,
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.maxConnections = maxConnections;
    this.#server.on('upgrade', (request, socket, head) => {
      try {
        this.#proxy.upgrade(request, socket, head, this.#identify(request));
      } catch (error) {
        const { status } = this.#refusal(error, undefined);
        socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      }
    });
  }

  /** @throws DataPlaneError `AddressInUse`, `CannotListen` */
  async listen({
    host,
    port,
  }: {
    readonly host: string;
    readonly port: number;
  }): Promise<ListenAddress> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const inUse = error.code === 'EADDRINUSE';
        const why = inUse ? 'another process listens there' : error.message;
        const code = inUse ? 'AddressInUse' : 'CannotListen';
        const message = `API address ${host}:${port}: ${why}; choose another with --api ADDR, or --api off`;
        reject(new DataPlaneError(code, message, false, { cause: error }));
      });
      this.#server.listen({ host, port }, resolve);
    });
    this.#server.removeAllListeners('error');
    const { log } = this.#options;
    this.#server.on('error', (error) => log.error({ error: error.message }, 'API server'));
    // A TCP server has an AddressInfo.
    const address = this.#server.address() as AddressInfo;
    return { name: 'api', host: address.address, port: address.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const audited = {
      user: anonymous.name,
      verb: (incoming.method ?? '').toLowerCase(),
      // The proxies write what they pass on.
      url: incoming.url ?? '/',
    };
    try {
      const reply = await this.#serve(incoming, response, audited);
      if (reply) send(response, reply, incoming.method === 'HEAD');
    } catch (error) {
      const refused = this.#refusal(error, incoming.url);
      if (response.headersSent) response.destroy();
      else send(response, errorReply(refused), false);
      // What is left of a body nobody reads must not hold the connection.
      if (!incoming.complete) incoming.resume();
    }
    this.#account(incoming, response, audited);
  }

  async #serve(
    incoming: IncomingMessage,
    response: ServerResponse,
    audited: { user: string; verb: string },
  ): Promise<Reply | undefined> {
    const url = new URL(incoming.url ?? '/', 'https://api');
    if (isOpen(url.pathname)) return this.#serveOpen(url.pathname, incoming);
    const user = this.#identify(incoming);
    audited.user = user.name;
    const target = parseTarget(url.pathname);
    const accept = incoming.headers.accept ?? '';
    if (target.kind === 'path') {
      using _place = this.#limits.enter('ordinary');
      return this.#serveDiscovery(target.path, accept, incoming);
    }
    const request = this.#understand(target, url, user, incoming);
    const verb = verbOf(incoming.method ?? 'GET', target, url.searchParams);
    audited.verb = verb;
    authorize(request, verb);
    if (target.subresource === 'proxy') {
      using _place = this.#limits.enter('ordinary');
      await this.#proxy.forward(request, incoming, response);
      return undefined;
    }
    return await this.#withinLimits(request, verb, incoming, response);
  }

  async #withinLimits(
    request: ResourceRequest,
    verb: Verb,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<Reply | undefined> {
    const place = this.#limits.enter(classOf(verb));
    if (verb === 'watch') response.once('close', () => place[Symbol.dispose]());
    try {
      return await serveResource(this.#options, request, verb, incoming, response);
    } catch (error) {
      throw asApiError(error, subjectOf(request)) ?? error;
    } finally {
      if (verb !== 'watch' || !response.headersSent) place[Symbol.dispose]();
    }
  }

  #understand(
    target: ResourceTarget,
    url: URL,
    user: User,
    incoming: IncomingMessage,
  ): ResourceRequest {
    return {
      target,
      resource: resourceOf(this.#options, target),
      user,
      parameters: url.searchParams,
      accept: incoming.headers.accept ?? '',
      userAgent: incoming.headers['user-agent'],
    };
  }

  /** @throws ApiError 401 */
  #identify(incoming: IncomingMessage): User {
    const user = authenticate(incoming, this.#options.tokens);
    if (user) return user;
    throw new ApiError(
      401,
      'Unauthorized',
      'Unauthorized: use the kubeconfig of the data directory',
    );
  }

  /** Probes and the version: answered to everybody, whatever else is going on. */
  #serveOpen(path: string, incoming: IncomingMessage): Reply {
    const discovered = this.#discovery.serve(path, '', undefined);
    if (discovered) return discovered;
    const why = path.startsWith('/readyz') ? this.#options.notReady() : undefined;
    const isVerbose = incoming.url?.includes('verbose') === true;
    const body = why ?? (isVerbose ? '[+]store ok\nhealthz check passed\n' : 'ok');
    const contentType = 'text/plain; charset=utf-8';
    return { status: why === undefined ? 200 : 500, contentType, body };
  }

  #serveDiscovery(path: string, accept: string, incoming: IncomingMessage): Reply {
    if (incoming.method !== 'GET' && incoming.method !== 'HEAD') {
      throw new ApiError(405, 'MethodNotAllowed', `${incoming.method} is not supported on ${path}`);
    }
    const found = this.#discovery.serve(path, accept, incoming.headers['if-none-match']);
    if (found) return found;
    throw new ApiError(404, 'NotFound', `the server could not find the requested resource ${path}`);
  }

  #refusal(error: unknown, url: string | undefined): ApiError {
    if (error instanceof ApiError) return error;
    this.#options.log.error({ error: describeError(error), path: url }, 'API request failed');
    return new ApiError(
      500,
      'InternalError',
      'Internal error occurred; the log of portolan says more',
    );
  }

  #account(
    incoming: IncomingMessage,
    response: ServerResponse,
    { user, verb, url }: { readonly user: string; readonly verb: string; readonly url: string },
  ): void {
    const { clock, audit } = this.#options;
    const status = response.statusCode;
    this.#requests.bind({ verb, code: String(status) }).inc();
    if (!audit) return;
    const path = new URL(url, 'https://api').pathname;
    const time = new Date(clock.wallMs()).toISOString();
    const sourceIP = incoming.socket.remoteAddress ?? '';
    audit.write({ time, user, sourceIP, verb, path, status });
  }
}

function classOf(verb: Verb): RequestClass {
  if (verb === 'watch') return 'watch';
  return verb === 'list' || verb === 'deletecollection' ? 'list' : 'ordinary';
}

function errorReply(error: ApiError): Reply {
  const seconds = error.details?.retryAfterSeconds;
  return {
    ...jsonReply(statusOf(error), error.status),
    ...(seconds !== undefined && { headers: { 'retry-after': String(seconds) } }),
  };
}

function send(response: ServerResponse, reply: Reply, isHead: boolean): void {
  const { status, contentType, body, headers } = reply;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-cache, private',
    'x-content-type-options': 'nosniff',
    ...mutable(headers),
  });
  response.end(isHead || status === 304 ? undefined : body);
}

function mutable(headers: Reply['headers'] = {}): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : [...value],
    ]),
  );
}
