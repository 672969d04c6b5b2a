import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { watchAttempt } from './attempt.ts';
import type { BalancedPool, EndpointTarget } from '../shared/balanced-pools.ts';
import type { ExchangeContext, UpgradeSocket } from './context.ts';
import { drainBody } from './drain-body.ts';
import { relayBody } from './relay-body.ts';
import { closingRefusal, type Refusal, refusal } from './refusal.ts';
import { hasUnknownCoding, type ResponseAdditions, responseHeaders } from './response-headers.ts';
import { joinTunnel, switchingProtocols } from './tunnel.ts';
import { isIdempotent } from '../shared/idempotent.ts';
import type { UpstreamFailure } from './upstream-failure.ts';
import { type UpstreamRequest, upstreamHeaders } from './upstream-headers.ts';

/** One request that has a pool to go to. */
export interface DeliveryRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: UpstreamRequest;
  /** In origin-form, as endpoints get it. */
  readonly target: string;
  readonly pool: BalancedPool;
  readonly tunnel: UpgradeSocket | undefined;
  /** What to add to the response, asked when it begins. */
  readonly additions: () => ResponseAdditions;
  /** No endpoint answered, or the request itself is at fault. */
  readonly refuse: (refusal: Refusal, detail: string) => void;
}

/**
 * Gets one request to an endpoint and the response back. Tries the next endpoint when one cannot
 * be reached; or when it failed later, if the request may be sent twice and nothing of a body has
 * been used up. Whatever happens, the balancer hears of each start one end.
 */
export class Delivery {
  readonly #context: ExchangeContext;
  readonly #job: DeliveryRequest;
  readonly #tried = new Set<string>();
  readonly #headers: ReturnType<typeof upstreamHeaders>;
  #endpoint: EndpointTarget | undefined;
  /** The balancer counts a request to `#endpoint`. */
  #isCounted = false;
  #attempt: ClientRequest | undefined;
  #failure: UpstreamFailure | undefined;
  #bodyStarted = false;
  #isOver = false;

  constructor(context: ExchangeContext, job: DeliveryRequest) {
    this.#context = context;
    this.#job = job;
    this.#headers = upstreamHeaders(job.request, job.upstream);
  }

  /** The endpoint tried last: for the log. */
  get endpoint(): string | undefined {
    return this.#endpoint?.id;
  }

  /** How many endpoints were tried. */
  get tries(): number {
    return this.#tried.size;
  }

  /** Picks an endpoint and sends. */
  start(): void {
    this.#next();
  }

  /** The client is served, or gone: lets go of everything. Safe to call twice. */
  end(): void {
    this.#isOver = true;
    // Does nothing to one that is complete, and whose socket is pooled.
    this.#attempt?.destroy();
    this.#release();
  }

  #next(): void {
    const { balancer } = this.#job.pool;
    const clientIP = this.#job.upstream.client.address;
    const endpoint =
      this.#tried.size < this.#context.limits.tries
        ? balancer.pick({ clientIP, exclude: this.#tried })
        : undefined;
    if (!endpoint) {
      this.#giveUp();
      return;
    }
    if (this.#tried.size > 0) this.#context.metrics.retries.inc();
    this.#tried.add(endpoint.id);
    this.#endpoint = endpoint;
    this.#isCounted = true;
    balancer.started(endpoint.id);
    this.#send(endpoint, this.#mayRepeat() && !this.#job.tunnel);
  }

  #send(endpoint: EndpointTarget, pooled: boolean): void {
    const { request, response, upstream, target, pool, tunnel } = this.#job;
    let attempt: ClientRequest;
    try {
      attempt = this.#context.forwarder.open({
        request,
        response,
        endpoint,
        protocol: pool.pool.protocol,
        target,
        headers: this.#headers,
        framing: upstream.head.framing,
        pooled,
      });
    } catch (error) {
      this.#refuse(closingRefusal(400, 'unwritable-request'), String(error));
      return;
    }
    this.#attempt = attempt;
    const { clock, timeouts } = this.#context;
    const hasBody = upstream.head.framing.kind !== 'none';
    watchAttempt(
      attempt,
      {
        clock,
        timeouts,
        connected: () => hasBody && this.#pumpBody(attempt),
        information: (status, link) => this.#inform(status, link),
      },
      {
        response: (answer) => this.#relay(attempt, answer),
        upgrade: (answer, socket, head) => this.#switch(answer, socket, head, tunnel),
        failure: (failure, reused) => this.#failed(endpoint, failure, reused && pooled),
      },
    );
    if (!hasBody) attempt.end();
  }

  /** From here on the request cannot be sent again: its body is being used up. */
  #pumpBody(attempt: ClientRequest): void {
    const { request, response, upstream } = this.#job;
    if (this.#isOver) return;
    this.#bodyStarted = true;
    if (upstream.head.expectsContinue) response.writeContinue();
    let left = this.#context.limits.bodyBytes;
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) this.#refuse(closingRefusal(413, 'body-too-large'), '');
    });
    request.pipe(attempt);
  }

  #failed(endpoint: EndpointTarget, failure: UpstreamFailure, reusedSocket: boolean): void {
    if (this.#isOver) return;
    const { pool } = this.#job.pool;
    this.#failure = failure;
    // The endpoint closed an idle connection while we took it up again: no fault of anybody's,
    // and a new connection tells.
    if (reusedSocket && failure.reason === 'reset') {
      this.#context.metrics.retries.inc();
      this.#send(endpoint, false);
      return;
    }
    this.#context.metrics.upstreamFailed(pool.namespace, pool.service, failure.reason);
    this.#release();
    if (!this.#bodyStarted && (failure.unsent || this.#mayRepeat())) this.#next();
    else this.#giveUp();
  }

  #giveUp(): void {
    const failure = this.#failure;
    if (!failure) {
      this.#refuse(refusal(503, 'no-endpoint'), '');
    } else if (failure.reason === 'read-timeout' && !this.#job.request.complete) {
      this.#refuse(closingRefusal(408, 'body-too-slow'), failure.message);
    } else {
      this.#refuse(refusal(failure.status, failure.reason), failure.message);
    }
  }

  #refuse(reason: Refusal, detail: string): void {
    this.#job.request.unpipe();
    this.end();
    this.#job.refuse(reason, detail);
  }

  /** Early Hints pass, for clients that know them (RFC 8297); other 1xx carry nothing to pass. */
  #inform(status: number, { link }: IncomingMessage['headers']): void {
    const { request, response } = this.#job;
    if (status === 103 && link !== undefined && request.httpVersion === '1.1') {
      response.writeEarlyHints({ link });
    }
  }

  #relay(attempt: ClientRequest, answer: IncomingMessage): void {
    const { request, response, additions } = this.#job;
    // 'close' follows, and `complete` says all there is to say.
    answer.on('error', () => {});
    if (this.#isOver || hasUnknownCoding(answer)) {
      attempt.destroy();
      if (!this.#isOver) this.#refuse(refusal(502, 'invalid-response'), 'unknown transfer coding');
      return;
    }
    try {
      response.writeHead(
        answer.statusCode ?? 502,
        answer.statusMessage,
        responseHeaders(answer, additions()),
      );
    } catch (error) {
      this.#refuse(refusal(502, 'invalid-response'), String(error));
      return;
    }
    relayBody(answer, response, () => {
      if (!request.complete) this.#leaveBody(attempt);
    });
  }

  /** The answer is whole, the request's body is not: the endpoint has no use for the rest. */
  #leaveBody(attempt: ClientRequest): void {
    const { request } = this.#job;
    request.unpipe(attempt);
    attempt.destroy();
    drainBody(request, this.#context.clock, this.#drainLimits(), (isWhole) => {
      if (!isWhole) request.destroy();
    });
  }

  #switch(
    answer: IncomingMessage,
    upstream: Socket,
    upstreamHead: Buffer,
    tunnel: UpgradeSocket | undefined,
  ): void {
    const asked = this.#job.upstream.upgrade;
    if (this.#isOver || !tunnel || answer.headers.upgrade?.toLowerCase() !== asked) {
      upstream.destroy();
      if (!this.#isOver) this.#refuse(refusal(502, 'invalid-response'), 'unasked-for upgrade');
      return;
    }
    const { socket: client, head: clientHead } = tunnel;
    this.#job.response.detachSocket(client);
    client.write(switchingProtocols(answer), 'latin1');
    const idleMs = this.#context.timeouts.tunnelMs;
    joinTunnel({ client, clientHead, upstream, upstreamHead, idleMs });
  }

  #drainLimits(): { readonly lingerBytes: number; readonly lingerMs: number } {
    const { limits, timeouts } = this.#context;
    return { lingerBytes: limits.lingerBytes, lingerMs: timeouts.lingerMs };
  }

  #mayRepeat(): boolean {
    const { request, upstream } = this.#job;
    return upstream.head.framing.kind === 'none' && isIdempotent(request.method);
  }

  #release(): void {
    if (!this.#endpoint || !this.#isCounted) return;
    this.#isCounted = false;
    this.#job.pool.balancer.ended(this.#endpoint.id);
  }
}
