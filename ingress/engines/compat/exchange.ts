import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAccessControl } from '../../filters/index.ts';
import type { RouteMatch } from '../../router/index.ts';
import type { ClientIdentity, ForwardedFields } from '../shared/client-identity.ts';
import type { Arrival, ExchangeContext, UpgradeSocket } from './context.ts';
import { Delivery } from './delivery.ts';
import { httpsLocation } from '../shared/https-redirect.ts';
import { closingRefusal, type Refusal, refusal } from './refusal.ts';
import { type RequestHead, readHead } from './request-head.ts';
import { requestId } from './request-id.ts';
import type { ResponseAdditions } from './response-headers.ts';
import { sendReply } from './reply.ts';
import { timesSeen } from './upstream-headers.ts';

/** More passes through ourselves than any sane topology has. */
const maxPasses = 10;

/**
 * One request from head to end: read it, find its route, redirect it or deliver it, account for
 * it. Every way out leads through `#finish`, once, when the response or the tunnel is closed.
 */
export class Exchange {
  readonly #context: ExchangeContext;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #arrival: Arrival;
  readonly #tunnel: UpgradeSocket | undefined;
  readonly #startedMs: number;
  /** As the client sent it: what goes upstream replaces the fields of the request. */
  readonly #userAgent: string | undefined;
  #id = '';
  #head: RequestHead | undefined;
  #client: ClientIdentity | undefined;
  #match: RouteMatch | undefined;
  #delivery: Delivery | undefined;
  #refused: { readonly reason: string; readonly detail: string } | undefined;

  constructor(
    context: ExchangeContext,
    request: IncomingMessage,
    response: ServerResponse,
    arrival: Arrival,
    tunnel?: UpgradeSocket,
  ) {
    this.#context = context;
    this.#request = request;
    this.#response = response;
    this.#arrival = arrival;
    this.#tunnel = tunnel;
    this.#startedMs = context.clock.nowMs();
    this.#userAgent = request.headers['user-agent'];
  }

  /** Serves the request. Returns at once; the rest happens as bytes come and go. */
  serve(): void {
    this.#context.metrics.activeRequests.add(1);
    const closing = this.#tunnel?.socket ?? this.#response;
    closing.once('close', () => this.#finish());
    // An aborted request says so by 'close' as well; without a listener it would be thrown.
    this.#request.on('error', () => {});
    this.#route();
  }

  /** node could not read the body: the answer, if none has begun, is the parser's. */
  bodyMalformed(status: number): boolean {
    if (this.#response.headersSent) return false;
    this.#refused = { reason: 'malformed-body', detail: '' };
    this.#delivery?.end();
    this.#response.statusCode = status;
    return true;
  }

  #route(): void {
    const { limits, identifier } = this.#context;
    this.#id = requestId(singleValue(this.#request, 'x-request-id'));
    const head = readHead(this.#request, limits);
    if ('status' in head) return this.#refuse(head);
    this.#head = head;
    if (timesSeen(this.#request) >= maxPasses) return this.#refuse(refusal(508, 'loop'));
    if (head.target === '*') return this.#reply(204);
    const client = identifier.identify(
      {
        peer: this.#request.socket.remoteAddress ?? '',
        scheme: this.#arrival.scheme,
        port: this.#arrival.port,
        host: head.host,
      },
      forwardedFields(this.#request),
    );
    this.#client = client;
    const match = this.#context.router().match(head.host, head.path);
    this.#match = match;
    if (!match) return this.#refuse(refusal(404, 'no-route'));
    const location = httpsLocation(match, head, client, this.#context.redirectPort());
    if (location !== undefined) return this.#reply(308, ['Location', location]);
    return this.#deliver(match, head, client);
  }

  #deliver(match: RouteMatch, head: RequestHead, client: ClientIdentity): void {
    const { backend, route } = match;
    // Nobody passes a guard that this engine does not have.
    if (route?.filters.some(isAccessControl) === true) {
      return this.#refuse(refusal(503, 'unsupported-filter'));
    }
    if (!backend) return this.#refuse(refusal(404, 'no-route'));
    if (backend.kind === 'unavailable') {
      return this.#refuse(refusal(backend.status, backend.reason));
    }
    const pool = this.#context.pools.get(backend.pool);
    if (!pool) return this.#refuse(refusal(503, 'no-endpoint'));
    const { framing } = head;
    if (framing.kind === 'length' && framing.bytes > this.#context.limits.bodyBytes) {
      return this.#refuse(closingRefusal(413, 'body-too-large'));
    }
    this.#delivery = new Delivery(this.#context, {
      request: this.#request,
      response: this.#response,
      upstream: {
        head,
        client,
        requestId: this.#id,
        upgrade: this.#tunnel && 'websocket',
      },
      target: this.#targetFor(match, head),
      pool,
      tunnel: this.#tunnel,
      additions: () => this.#additions(),
      refuse: (reason, detail) => this.#refuse(reason, detail),
    });
    this.#delivery.start();
  }

  /**
   * The target as it came, unless an endpoint that does not normalise would see another route's
   * path in it: then the normalised one.
   */
  #targetFor({ route }: RouteMatch, { target, path, host }: RequestHead): string {
    const query = target.indexOf('?');
    const rawPath = query < 0 ? target : target.slice(0, query);
    if (rawPath === path) return target;
    const asRaw = this.#context.router().match(host, rawPath)?.route;
    return asRaw === route ? target : path + (query < 0 ? '' : target.slice(query));
  }

  #refuse(reason: Refusal, detail: string = ''): void {
    this.#refused = { reason: reason.reason, detail };
    if (this.#response.headersSent) this.#response.destroy();
    else this.#reply(reason.status, [], reason.closes);
  }

  #reply(status: number, headers: readonly string[] = [], closes: boolean = false): void {
    const { clock, limits, timeouts } = this.#context;
    const { hsts, closes: last } = this.#additions();
    // A body that we never asked for may or may not follow: the next bytes mean nothing.
    const unasked = this.#head?.expectsContinue === true && !this.#request.complete;
    const reply = { status, headers, hsts, closes: closes || last || unasked };
    sendReply(this.#request, this.#response, reply, clock, {
      lingerBytes: limits.lingerBytes,
      lingerMs: timeouts.lingerMs,
    });
  }

  #additions(): ResponseAdditions {
    const hsts = this.#arrival.scheme === 'https' ? this.#context.hsts : undefined;
    return { hsts, closes: this.#context.isDraining() || this.#tunnel !== undefined };
  }

  #finish(): void {
    const { metrics, clock } = this.#context;
    this.#delivery?.end();
    const seconds = (clock.nowMs() - this.#startedMs) / 1000;
    const backend = this.#match?.backend;
    const service =
      backend?.kind === 'pool' ? (this.#context.pools.get(backend.pool)?.pool.service ?? '') : '';
    metrics.activeRequests.add(-1);
    metrics.requestEnded(this.#match?.route, service, this.#status(), seconds);
    if (this.#context.accessLog) this.#logAccess(seconds);
  }

  /** What the client got; 499 if it left before the response began, as nginx writes it. */
  #status(): number {
    const response = this.#response;
    if (this.#tunnel && !response.headersSent && !this.#refused)
      return this.#isOpenTunnel() ? 101 : 499;
    return response.headersSent || this.#refused ? response.statusCode : 499;
  }

  #isOpenTunnel(): boolean {
    return this.#response.socket === null;
  }

  #logAccess(seconds: number): void {
    const { method, httpVersion } = this.#request;
    const { route, backend } = this.#match ?? {};
    this.#context.log.info(
      {
        requestId: this.#id,
        client: this.#client?.address ?? this.#request.socket.remoteAddress,
        method,
        scheme: this.#arrival.scheme,
        host: this.#head?.host,
        // Without the query, in which people put tokens.
        path: this.#head?.path,
        httpVersion,
        status: this.#status(),
        durationMs: Math.round(seconds * 1000),
        ...(this.#userAgent !== undefined && { userAgent: this.#userAgent }),
        ...(route && { ingress: `${route.ingress.namespace}/${route.ingress.name}` }),
        ...(backend?.kind === 'pool' && { pool: backend.pool }),
        ...(this.#delivery && { endpoint: this.#delivery.endpoint, tries: this.#delivery.tries }),
        ...(this.#refused && { reason: this.#refused.reason, detail: this.#refused.detail }),
      },
      'request',
    );
  }
}

function forwardedFields(request: IncomingMessage): ForwardedFields {
  return {
    for: singleValue(request, 'x-forwarded-for'),
    proto: singleValue(request, 'x-forwarded-proto'),
    host: singleValue(request, 'x-forwarded-host'),
    port: singleValue(request, 'x-forwarded-port'),
    forwarded: singleValue(request, 'forwarded'),
  };
}

/** Of a field that node joins with `, ` if it repeats, as it does all that it does not know. */
function singleValue({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}
