import type { Route, RouteBackend } from '../../compile/table.ts';
import {
  FilteredRequest,
  FilteredResponse,
  type OwnAnswer,
  type RequestVerdict,
  type ResponseVerdict,
} from '../../filters/index.ts';
import {
  type BodyLength,
  type BodyPieces,
  cleanValue,
  field,
  keptHead,
  type RequestHead,
  type ResponseHead,
  unframed,
} from '../../http1/index.ts';
import { Deadline, type Expirable } from '../../transport/index.ts';
import type { RouteMatch } from '../../router/index.ts';
import type { UpstreamFailure, UpstreamRequest, UpstreamStream } from '../../upstream/index.ts';
import type { BalancedPool } from '../shared/balanced-pools.ts';
import type { ClientIdentity } from '../shared/client-identity.ts';
import type { ClientStream, HeadEdits } from './client-stream.ts';
import type { WireContext } from './context.ts';
import { Delivery, type DeliveryOwner } from './delivery.ts';
import { findRoute } from './find-route.ts';
import { requestIdOf } from './request-ids.ts';
import type { RoutePlan } from './route-plans.ts';
import { identityLines, upstreamLines } from './upstream-head.ts';
import { isWebSocket } from './web-socket.ts';

/**
 * One request from head to end: find its route, filter it, answer or deliver it, relay what comes
 * back, account for it. Every way out leads through `#finish`, once. Knows of no version of HTTP:
 * see `ClientStream` and `UpstreamStream`.
 */
export class Exchange implements DeliveryOwner, Expirable {
  readonly #context: WireContext;
  readonly #client: ClientStream;
  readonly #startedMs: number;
  #method = '';
  #host = '';
  #path = '';
  #version: RequestHead['version'] = '1.1';
  #isUpgrade = false;
  #userAgent: string | undefined = undefined;
  #referer: string | undefined = undefined;
  #id = '';
  #identity: ClientIdentity | undefined = undefined;
  #match: RouteMatch | undefined = undefined;
  #plan: RoutePlan;
  /** Undefined where the route has no filters. */
  #filtered: FilteredRequest | undefined = undefined;
  #delivery: Delivery | undefined = undefined;
  /** A response from elsewhere goes out in place of the one that was, with this status. */
  #replacedStatus = 0;
  #bodyBytes = 0;
  #sentBytes = 0;
  /** 0 until a response head went out. */
  #status = 0;
  #isUpstreamPaused = false;
  #tunnelEnds = 0;
  #refused = '';
  #detail = '';
  #isOver = false;
  /** For the response's head. */
  #deadline: Deadline | undefined = undefined;

  constructor(context: WireContext, client: ClientStream) {
    this.#context = context;
    this.#client = client;
    this.#plan = context.plans.plain;
    this.#startedMs = context.clock.nowMs();
  }

  get hasBegunResponse(): boolean {
    return this.#status !== 0;
  }

  /** Body bytes, or bytes of the tunnel, can be passed on now. */
  get takesBytes(): boolean {
    return this.#delivery?.stream?.isBehind === false && this.#replacedStatus === 0;
  }

  /** Serves the request whose head was just parsed, and is valid during the call alone. */
  start(request: RequestHead): void {
    const { metrics, accessLog } = this.#context;
    metrics.activeRequests.add(1);
    const { fields } = request;
    this.#method = request.method;
    this.#host = request.host;
    this.#version = request.version;
    if (accessLog) {
      this.#userAgent = fields.first(field.userAgent);
      this.#referer = fields.first(field.referer);
    }
    this.#id = requestIdOf(fields.first(field.requestId));
    this.#isUpgrade = isWebSocket(request);
    this.#route(request);
  }

  /** No response in time. */
  expired(): void {
    if (this.#status === 0) this.#refuse(504, 'response-timeout', !this.#client.isBodyDone);
  }

  /** Passes on what was just read of the body. */
  requestBody(bytes: Buffer, body: BodyPieces): void {
    const delivery = this.#delivery;
    if (!delivery?.stream) return;
    this.#bodyBytes += body.dataBytes;
    if (this.#bodyBytes > this.#plan.bodyBytes) {
      this.#refuse(413, 'body-too-large', true);
      return;
    }
    if (this.#filtered) this.#plan.chain?.requestBody(this.#filtered, bytes, body);
    delivery.sendBody(bytes, body);
  }

  /** What waits for a body to go with it goes now. */
  flushRequest(): void {
    this.#delivery?.stream?.flush();
  }

  /** The client's framing is broken: nobody may believe that the body ended. */
  bodyBroken(status: number): void {
    this.#refuse(status, 'malformed-body', true);
  }

  /** The client's connection is closed, or its stream reset. */
  clientGone(): void {
    this.#delivery?.release();
    this.#finish();
  }

  /** The client took what was sent. */
  clientDrained(): void {
    if (!this.#isUpstreamPaused) return;
    this.#isUpstreamPaused = false;
    this.#delivery?.stream?.resume();
  }

  /** Bytes of the client for the other end of the tunnel. */
  tunnelClientBytes(bytes: Buffer, start: number, end: number): void {
    this.#delivery?.stream?.sendTunnel(bytes, start, end);
  }

  /** The client said all that it had for the tunnel. */
  tunnelClientEnded(): void {
    this.#delivery?.stream?.endTunnel();
    this.#countTunnelEnd();
  }

  upstreamConnected(stream: UpstreamStream): void {
    this.#delivery?.connected(stream);
    this.#sendRequest();
  }

  upstreamInformed(head: ResponseHead): void {
    if (this.#version !== '1.0' && this.#status === 0) this.#client.sendInformational(head);
  }

  upstreamSwitched(_stream: UpstreamStream, head: ResponseHead): boolean {
    const protocol = head.fields.first(field.upgrade)?.toLowerCase();
    if (!this.#isUpgrade || protocol !== 'websocket') return false;
    this.#status = 101;
    this.#client.switchProtocol(head);
    return true;
  }

  upstreamHead(_stream: UpstreamStream, head: ResponseHead, length: BodyLength): void {
    if (this.#delivery?.retryStatus(head.status) === true) {
      this.#sendRequest();
      return;
    }
    this.#delivery?.answered(head.status);
    if (this.#deadline) this.#context.wheel.clear(this.#deadline);
    const filtered = this.#filtered;
    let edits: HeadEdits | undefined;
    if (filtered) {
      const response = new FilteredResponse(this.#replacedStatus || head.status, head.fields);
      const verdict = this.#plan.chain?.response(response, filtered);
      if (verdict && this.#fetch(verdict)) return;
      edits = { status: response.status, fields: response.edits };
    }
    this.#status = this.#replacedStatus || head.status;
    this.#client.sendHead(head, length, edits);
  }

  upstreamBody(_stream: UpstreamStream, bytes: Buffer, body: BodyPieces): void {
    this.#sentBytes += body.dataBytes;
    this.#client.sendBody(bytes, body);
    if (!body.done) return;
    this.#client.flush();
    this.#delivery?.complete(this.#client.isBodyDone);
    this.#finish();
    this.#client.done();
  }

  upstreamPaused(): void {
    this.#client.flush();
    if (this.#isUpstreamPaused || !this.#client.isBehind) return;
    this.#isUpstreamPaused = true;
    this.#delivery?.stream?.pause();
  }

  upstreamDrained(): void {
    this.#client.bodyWanted();
  }

  upstreamFailed(stream: UpstreamStream, failure: UpstreamFailure): void {
    const delivery = this.#delivery;
    if (delivery?.isCurrent(stream) !== true) return;
    this.#client.flush();
    if (this.#status === 0) {
      if (delivery.retry(failure)) this.#sendRequest();
      else this.#giveUp();
      return;
    }
    this.#detail = failure.message;
    delivery.release();
    this.#finish();
    this.#client.truncate();
  }

  deliveryBegun(): void {
    this.#sendRequest();
  }

  deliveryLate(): void {
    this.#refuse(503, 'endpoints-full', false);
  }

  tunnelReceived(bytes: Buffer, start: number, end: number): void {
    this.#client.sendTunnel(bytes, start, end);
  }

  tunnelEnded(): void {
    this.#client.endTunnel();
    this.#countTunnelEnd();
  }

  #countTunnelEnd(): void {
    this.#tunnelEnds += 1;
    if (this.#tunnelEnds < 2) {
      this.#client.tunnelHalfClosed();
      return;
    }
    this.#delivery?.stream?.close();
    this.#delivery?.release();
    this.#finish();
    this.#client.done();
  }

  #route(request: RequestHead): void {
    const { path, identity, match, target, answer } = findRoute(
      this.#context,
      this.#client,
      request,
    );
    this.#path = path;
    this.#identity = identity;
    this.#match = match;
    if (answer) return this.#answer(answer);
    if (match?.route) {
      try {
        this.#plan = this.#context.plans.of(match.route);
      } catch (error) {
        return this.#filterFailed(error);
      }
      this.#limitTime();
      if (this.#plan.chain) return this.#filter(request, match.route, target);
    }
    return this.#deliver(request, match?.backend, target);
  }

  #limitTime(): void {
    const { responseMs } = this.#plan;
    if (responseMs === Number.POSITIVE_INFINITY) return;
    this.#deadline = new Deadline(this);
    this.#context.wheel.set(this.#deadline, responseMs);
  }

  /** Asks the route's filters, which may take their time. */
  #filter(request: RequestHead, route: Route, target: string): void {
    const client = this.#identity;
    const { chain } = this.#plan;
    if (!client || !chain) return;
    const head = keptHead(request);
    const filtered = new FilteredRequest({
      route,
      head,
      client,
      clientCertificate: this.#client.arrival.clientCertificate,
      requestId: this.#id,
      path: this.#path,
      target,
    });
    this.#filtered = filtered;
    try {
      const verdict = chain.request(filtered);
      if (!(verdict instanceof Promise)) this.#goOn(filtered, verdict);
      else {
        verdict.then(
          (late) => this.#goOn(filtered, late),
          (error: unknown) => this.#filterFailed(error),
        );
      }
    } catch (error) {
      this.#filterFailed(error);
    }
  }

  #goOn(filtered: FilteredRequest, verdict: RequestVerdict): void {
    if (this.#isOver) return;
    if (verdict) this.#answer(verdict);
    else this.#deliver(filtered.head, filtered.backend, filtered.target);
  }

  /** A filter may guard something: nothing passes that it did not let through. */
  #filterFailed(error: unknown): void {
    this.#context.log.error({ err: error, requestId: this.#id }, 'filter failed');
    if (!this.#isOver) this.#refuse(500, 'filter-failed', false);
  }

  #deliver(request: RequestHead, backend: RouteBackend | undefined, target: string): void {
    if (!backend) return this.#refuse(404, 'no-route', false);
    if (backend.kind === 'unavailable') return this.#refuse(backend.status, backend.reason, false);
    const pool = this.#context.pools.get(backend.pool);
    if (!pool) return this.#refuse(503, 'no-endpoint', false);
    if (request.bodyLength > this.#plan.bodyBytes) return this.#refuse(413, 'body-too-large', true);
    const filtered = this.#filtered;
    const identity = this.#identity;
    const lines = upstreamLines(request, {
      requestId: this.#id,
      identity: identity ? identityLines(identity) : '',
      isUpgrade: this.#isUpgrade,
      beginsTrace: this.#context.beginsTraces,
      edits: filtered?.edits,
    });
    const { method, bodyLength } = request;
    const host = filtered?.host ?? request.host;
    this.#begin(pool, { method, target, host, lines, bodyLength }, filtered);
  }

  /** Asks another pool for a response to send instead. False: it cannot be asked. */
  #fetch({ pool: key, target, fields, status }: NonNullable<ResponseVerdict>): boolean {
    const pool = this.#context.pools.get(key);
    if (!pool || this.#replacedStatus !== 0) return false;
    this.#delivery?.release();
    this.#replacedStatus = status;
    let lines = `X-Request-ID: ${this.#id}\r\n`;
    for (const [name, value] of fields) lines += `${name}: ${cleanValue(value)}\r\n`;
    const host = this.#host;
    this.#begin(pool, { method: 'GET', target, host, lines, bodyLength: unframed }, undefined);
    return true;
  }

  #begin(
    pool: BalancedPool,
    request: Omit<UpstreamRequest, 'readMs' | 'isUpgrade'>,
    filtered: FilteredRequest | undefined,
  ): void {
    const { method, target, host, lines, bodyLength } = request;
    const { readMs } = this.#plan;
    const isUpgrade = this.#isUpgrade && this.#replacedStatus === 0;
    this.#delivery = new Delivery(
      this.#context,
      this,
      pool,
      { method, target, host, lines, bodyLength, readMs, isUpgrade },
      {
        plan: this.#plan,
        clientAddress: this.#identity?.address ?? '',
        balancingKey: filtered?.balancingKey ?? this.#identity?.address ?? '',
        preferredEndpoint: filtered?.preferredEndpoint,
      },
    );
    if (this.#delivery.start()) this.#sendRequest();
    else this.#giveUp();
  }

  /** If it is connected: the head goes at once, or together with the first bytes of a body. */
  #sendRequest(): void {
    const stream = this.#delivery?.stream;
    if (!stream) return;
    if (this.#filtered) this.#filtered.endpoint = this.#delivery?.endpoint?.id;
    if (this.#client.isBodyDone || this.#replacedStatus !== 0) {
      stream.flush();
      return;
    }
    this.#client.sendContinue();
    this.#client.bodyWanted();
  }

  #giveUp(): void {
    const failure = this.#delivery?.failure;
    if (this.#replacedStatus !== 0)
      return this.#refuse(this.#replacedStatus, 'no-error-page', false);
    if (!failure) return this.#refuse(503, 'no-endpoint', false);
    this.#detail = failure.message;
    if (failure.reason === 'read-timeout' && !this.#client.isBodyDone) {
      return this.#refuse(408, 'body-too-slow', true);
    }
    return this.#refuse(failure.status, failure.reason, false);
  }

  #refuse(status: number, reason: string, closes: boolean): void {
    this.#delivery?.release();
    if (this.#status === 0) {
      this.#answer({ status, reason, closes });
      return;
    }
    this.#refused = reason;
    this.#finish();
    this.#client.truncate();
  }

  #answer(answer: OwnAnswer): void {
    const filtered = this.#filtered;
    let edits: HeadEdits | undefined;
    if (filtered) {
      const response = new FilteredResponse(answer.status, undefined);
      const verdict = this.#plan.chain?.response(response, filtered);
      if (verdict && this.#fetch(verdict)) return;
      edits = { status: answer.status, fields: response.edits };
    }
    this.#refused = answer.reason;
    this.#client.sendAnswer(answer, edits);
    this.#status = answer.status;
    this.#finish();
    this.#client.done();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { metrics, clock, wheel } = this.#context;
    if (this.#deadline) wheel.clear(this.#deadline);
    const seconds = (clock.nowMs() - this.#startedMs) / 1000;
    metrics.activeRequests.add(-1);
    // 499: the client left before the response began, as nginx writes it.
    const status = this.#status === 0 ? 499 : this.#status;
    const pool = this.#delivery?.pool.pool;
    metrics.requestEnded(this.#match?.route, pool?.service ?? '', status, seconds);
    if (this.#match?.route) {
      metrics.nginx.ended(this.#match.route, {
        host: this.#match.host.host,
        service: pool?.service ?? '',
        method: this.#method,
        status,
        seconds,
        receivedBytes: this.#bodyBytes,
        sentBytes: this.#sentBytes,
      });
    }
    if (this.#filtered) {
      this.#filtered.over();
      this.#plan.chain?.end({ status, seconds }, this.#filtered);
    }
    if (this.#plan.accessLog) this.#log(status, seconds);
  }

  #log(status: number, seconds: number): void {
    this.#context.accessLog?.({
      requestId: this.#id,
      client: this.#identity?.address ?? this.#client.peer,
      method: this.#method,
      scheme: this.#client.arrival.scheme,
      host: this.#host,
      path: this.#path,
      version: this.#version,
      status,
      seconds,
      userAgent: this.#userAgent,
      referer: this.#referer,
      receivedBytes: this.#bodyBytes,
      sentBytes: this.#sentBytes,
      match: this.#match,
      endpoint: this.#delivery?.endpoint?.id,
      tries: this.#delivery?.tries ?? 0,
      reason: this.#refused,
      detail: this.#detail,
    });
  }
}
