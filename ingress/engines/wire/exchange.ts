import {
  type BodyLength,
  type BodyReader,
  chunkedBody,
  field,
  type RequestParser,
  type ResponseParser,
  unframed,
  untilClose,
} from '../../http1/index.ts';
import { normalizePath, type RouteMatch } from '../../router/index.ts';
import type { UpstreamConnection, UpstreamFailure, UpstreamUser } from '../../upstream/index.ts';
import type { BalancedPool, EndpointTarget } from '../shared/balanced-pools.ts';
import type { ClientIdentity } from '../shared/client-identity.ts';
import { httpsLocation } from '../shared/https-redirect.ts';
import { isIdempotent } from '../shared/idempotent.ts';
import { logRequest } from './access-log.ts';
import type { ClientConnection } from './client-connection.ts';
import {
  clientHead,
  informationalHead,
  lengthForClient,
  ownAnswer,
  switchingHead,
} from './client-head.ts';
import { composePieces } from './compose-body.ts';
import type { WireContext } from './context.ts';
import { requestIdOf } from './request-ids.ts';
import { identityLines, timesSeen, upstreamHead } from './upstream-head.ts';
import { targetFor } from './upstream-target.ts';
import { isWebSocket } from './web-socket.ts';

/** More passes through ourselves than any sane topology has. */
const maxPasses = 10;

/**
 * One request from head to end: find its route, redirect it or deliver it, relay what comes back,
 * account for it. Every way out leads through `#finish`, once.
 */
export class Exchange implements UpstreamUser {
  readonly #context: WireContext;
  readonly #client: ClientConnection;
  readonly #startedMs: number;
  #method = '';
  #host = '';
  #path = '';
  #minorVersion = 1;
  #bodyLength: BodyLength = unframed;
  #expectsContinue = false;
  #isUpgrade = false;
  /** The client asked for the connection to end. */
  #closes = false;
  #userAgent: string | undefined = undefined;
  #id = '';
  #identity: ClientIdentity | undefined = undefined;
  #match: RouteMatch | undefined = undefined;
  #pool: BalancedPool | undefined = undefined;
  #head = '';
  /** `#head` has not been written yet: it waits for what comes with it. */
  #isHeadUnsent = false;
  #endpoint: EndpointTarget | undefined = undefined;
  #isCounted = false;
  #tried: Set<string> | undefined = undefined;
  #tries = 0;
  #upstream: UpstreamConnection | undefined = undefined;
  #isConnected = false;
  #failure: UpstreamFailure | undefined = undefined;
  #bodyStarted = false;
  #bodyBytes = 0;
  /** 0 until a response head went out. */
  #status = 0;
  /** How the client learns where the response ends. */
  #responseLength: BodyLength = 0;
  #lastOfConnection = false;
  #isSwitched = false;
  #isUpstreamPaused = false;
  #tunnelEnds = 0;
  #refused = '';
  #detail = '';
  #isOver = false;

  constructor(context: WireContext, client: ClientConnection) {
    this.#context = context;
    this.#client = client;
    this.#startedMs = context.clock.nowMs();
  }

  get hasBegunResponse(): boolean {
    return this.#status !== 0;
  }

  /** Body bytes can be passed on now. */
  get takesBody(): boolean {
    return this.#isConnected && this.#upstream?.output.isBehind === false;
  }

  get takesTunnelBytes(): boolean {
    return this.#upstream?.output.isBehind === false;
  }

  /** Serves the request whose head was just parsed. */
  start(request: RequestParser): void {
    const { metrics, accessLog } = this.#context;
    metrics.activeRequests.add(1);
    const { fields } = request;
    this.#method = request.method;
    this.#host = request.host;
    this.#minorVersion = request.minorVersion;
    this.#bodyLength = request.bodyLength;
    this.#expectsContinue = request.expectsContinue;
    this.#closes = request.options.close || request.minorVersion === 0;
    if (accessLog) this.#userAgent = fields.first(field.userAgent);
    this.#id = requestIdOf(fields.first(field.requestId));
    this.#isUpgrade = isWebSocket(request);
    this.#route(request);
  }

  /** Passes on what was just read of the body. */
  requestBody(bytes: Buffer, body: BodyReader): void {
    const upstream = this.#upstream;
    if (!upstream) return;
    this.#bodyStarted = true;
    this.#bodyBytes += body.dataBytes;
    if (this.#bodyBytes > this.#context.limits.bodyBytes) {
      this.#refuse(413, 'body-too-large', true);
      return;
    }
    const { composer } = this.#context;
    composer.open(upstream.output);
    if (this.#isHeadUnsent) composer.text(this.#head);
    this.#isHeadUnsent = false;
    composePieces(this.#context, bytes, body, this.#bodyLength === chunkedBody);
    composer.close();
    upstream.touch();
  }

  /** The head goes out now, if it waited for a body to come with it. */
  flushRequest(): void {
    if (!this.#isHeadUnsent || !this.#upstream) return;
    this.#isHeadUnsent = false;
    const { composer } = this.#context;
    composer.open(this.#upstream.output);
    composer.text(this.#head);
    composer.close();
  }

  /** The client's framing is broken: nobody may believe that the body ended. */
  bodyBroken(status: number): void {
    if (this.#status !== 0) {
      this.#release();
      this.#finish();
      this.#client.truncate(this.#responseLength !== untilClose);
    } else {
      this.#refuse(status, 'malformed-body', true);
    }
  }

  /** The client's connection is closed. */
  clientGone(): void {
    this.#release();
    this.#finish();
  }

  /** The client took what was written. */
  clientDrained(): void {
    if (!this.#isUpstreamPaused) return;
    this.#isUpstreamPaused = false;
    this.#upstream?.stream.resume();
  }

  upstreamConnected(connection: UpstreamConnection): void {
    connection.begin(this, this.#method);
    this.#sendHead();
  }

  upstreamInformed(head: ResponseParser): void {
    if (this.#minorVersion === 0 || this.#status !== 0) return;
    this.#context.composer.open(this.#client.output);
    this.#context.composer.text(informationalHead(head));
  }

  upstreamSwitched(_connection: UpstreamConnection, head: ResponseParser): boolean {
    const protocol = head.fields.first(field.upgrade)?.toLowerCase();
    if (!this.#isUpgrade || protocol !== 'websocket') return false;
    const { composer } = this.#context;
    composer.open(this.#client.output);
    composer.text(switchingHead(head));
    composer.close();
    this.#status = 101;
    this.#isSwitched = true;
    this.#responseLength = untilClose;
    this.#client.becomeTunnel();
    return true;
  }

  upstreamHead(_connection: UpstreamConnection, head: ResponseParser, length: BodyLength): void {
    const { composer, date } = this.#context;
    this.#status = head.status;
    this.#responseLength = lengthForClient(length, this.#minorVersion);
    this.#lastOfConnection =
      this.#closes || this.#responseLength === untilClose || this.#client.isLast;
    composer.open(this.#client.output);
    composer.text(
      clientHead(head, {
        date: date.line(),
        hsts: this.#client.hsts,
        closes: this.#lastOfConnection,
        length: this.#responseLength,
      }),
    );
  }

  upstreamBody(connection: UpstreamConnection, bytes: Buffer, body: BodyReader): void {
    this.#context.composer.open(this.#client.output);
    composePieces(this.#context, bytes, body, this.#responseLength === chunkedBody);
    if (!body.done) return;
    this.#context.composer.close();
    this.#upstream = undefined;
    this.#isConnected = false;
    connection.release(this.#client.body.done);
    this.#release();
    this.#finish();
    this.#client.responseDone(this.#lastOfConnection);
  }

  upstreamPaused(): void {
    this.#context.composer.close();
    if (this.#isUpstreamPaused || !this.#client.output.isBehind) return;
    this.#isUpstreamPaused = true;
    this.#upstream?.stream.pause();
  }

  upstreamDrained(): void {
    this.#client.bodyWanted();
  }

  upstreamFailed(connection: UpstreamConnection, failure: UpstreamFailure): void {
    if (this.#upstream !== connection) return;
    this.#context.composer.close();
    this.#upstream = undefined;
    this.#isConnected = false;
    this.#isHeadUnsent = false;
    if (this.#status !== 0) {
      this.#detail = failure.message;
      this.#release();
      this.#finish();
      this.#client.truncate(!this.#isSwitched && this.#responseLength !== untilClose);
      return;
    }
    const { metrics } = this.#context;
    const pool = this.#pool?.pool;
    // The endpoint closed an idle connection while we took it up again: no fault of anybody's,
    // and a new connection tells.
    if (failure.stale && this.#isRepeatable && this.#endpoint) {
      metrics.retries.inc();
      this.#connect(this.#endpoint, false);
      return;
    }
    this.#failure = failure;
    metrics.upstreamFailed(pool?.namespace ?? '', pool?.service ?? '', failure.reason);
    this.#release();
    if (!this.#bodyStarted && (failure.unsent || this.#isRepeatable)) this.#next();
    else this.#giveUp();
  }

  tunnelReceived(bytes: Buffer, start: number, end: number): void {
    this.#client.output.write(bytes, start, end);
  }

  tunnelEnded(): void {
    this.#client.stream.end();
    this.#countTunnelEnd();
  }

  /** Bytes of the client for the other end of the tunnel. */
  tunnelClientBytes(bytes: Buffer, start: number, end: number): void {
    this.#upstream?.touch();
    this.#upstream?.output.write(bytes, start, end);
  }

  /** The client sent FIN through the tunnel. */
  tunnelClientEnded(): void {
    this.#upstream?.stream.end();
    this.#countTunnelEnd();
  }

  #countTunnelEnd(): void {
    this.#tunnelEnds += 1;
    if (this.#tunnelEnds < 2) {
      this.#client.tunnelHalfClosed();
      return;
    }
    this.#upstream?.close();
    this.#release();
    this.#finish();
    this.#client.truncate(true);
  }

  get #isRepeatable(): boolean {
    return this.#bodyLength <= 0 && this.#bodyLength !== chunkedBody && isIdempotent(this.#method);
  }

  #route(request: RequestParser): void {
    const { method, target, host } = request;
    if (method === 'CONNECT' || method === 'TRACE') return this.#refuse(405, 'method', true);
    if (timesSeen(request.fields) >= maxPasses) return this.#refuse(508, 'loop', false);
    if (target === '*') return this.#answer(204, '', false);
    const query = target.indexOf('?');
    const rawPath = query < 0 ? target : target.slice(0, query);
    const path = normalizePath(rawPath);
    if (path === undefined) return this.#refuse(400, 'path-above-root', true);
    this.#path = path;
    const identity = this.#identify(request);
    this.#identity = identity;
    const router = this.#context.router();
    const match = router.match(host, path);
    this.#match = match;
    if (!match) return this.#refuse(404, 'no-route', false);
    const place = { target, path, host };
    const location = httpsLocation(match, place, identity, this.#context.redirectPort());
    if (location !== undefined) return this.#answer(308, `Location: ${location}\r\n`, false);
    const upstreamTarget =
      rawPath === path ? target : targetFor(router, match, { ...place, rawPath });
    return this.#deliver(request, match, identity, upstreamTarget);
  }

  #identify({ fields, host }: RequestParser): ClientIdentity {
    const { arrival, peer } = this.#client;
    return this.#context.identifier.identify(
      { peer, scheme: arrival.scheme, port: arrival.port, host },
      {
        for: fields.joined(field.forwardedFor),
        proto: fields.first(field.forwardedProto),
        host: fields.first(field.forwardedHost),
        port: fields.first(field.forwardedPort),
      },
    );
  }

  #deliver(
    request: RequestParser,
    { backend }: RouteMatch,
    identity: ClientIdentity,
    target: string,
  ): void {
    if (!backend) return this.#refuse(404, 'no-route', false);
    if (backend.kind === 'unavailable') return this.#refuse(backend.status, backend.reason, false);
    const pool = this.#context.pools.get(backend.pool);
    if (!pool) return this.#refuse(503, 'no-endpoint', false);
    this.#pool = pool;
    if (request.bodyLength > this.#context.limits.bodyBytes) {
      return this.#refuse(413, 'body-too-large', true);
    }
    this.#head = upstreamHead(request, {
      target,
      requestId: this.#id,
      identity: identityLines(identity),
      isUpgrade: this.#isUpgrade,
    });
    this.#next();
  }

  #next(): void {
    const pool = this.#pool;
    if (!pool) return;
    const clientIP = this.#identity?.address ?? '';
    const exclude = this.#tried;
    const endpoint =
      this.#tries < this.#context.limits.tries
        ? pool.balancer.pick(exclude ? { clientIP, exclude } : { clientIP })
        : undefined;
    if (!endpoint) {
      this.#giveUp();
      return;
    }
    if (this.#tries > 0) this.#context.metrics.retries.inc();
    this.#tries += 1;
    this.#endpoint = endpoint;
    this.#isCounted = true;
    pool.balancer.started(endpoint.id);
    this.#connect(endpoint, true);
  }

  #connect(endpoint: EndpointTarget, mayReuse: boolean): void {
    const protocol = this.#pool?.pool.protocol ?? 'http';
    const connections = this.#context.upstreams.of(endpoint, protocol);
    const idle = mayReuse && !this.#isUpgrade ? connections.take(this.#isRepeatable) : undefined;
    if (!idle) {
      this.#upstream = connections.open(this);
      return;
    }
    this.#upstream = idle;
    idle.begin(this, this.#method);
    this.#sendHead();
  }

  /** Ready to write: at once, or together with the first bytes of a body. */
  #sendHead(): void {
    this.#isConnected = true;
    this.#isHeadUnsent = true;
    if (this.#client.body.done) {
      this.flushRequest();
      return;
    }
    if (this.#expectsContinue) {
      this.#expectsContinue = false;
      this.#context.composer.open(this.#client.output);
      this.#context.composer.text('HTTP/1.1 100 Continue\r\n\r\n');
      this.#context.composer.close();
    }
    this.#client.bodyWanted();
  }

  #giveUp(): void {
    const failure = this.#failure;
    if (!failure) {
      this.#refuse(503, 'no-endpoint', false);
      return;
    }
    this.#detail = failure.message;
    if (failure.reason === 'read-timeout' && !this.#client.body.done) {
      this.#refuse(408, 'body-too-slow', true);
    } else {
      this.#refuse(failure.status, failure.reason, false);
    }
  }

  #refuse(status: number, reason: string, closes: boolean): void {
    this.#refused = reason;
    this.#release();
    if (this.#status === 0) {
      this.#answer(status, '', closes);
    } else {
      this.#finish();
      this.#client.truncate(this.#responseLength !== untilClose);
    }
  }

  #answer(status: number, extra: string, mustClose: boolean): void {
    // A body that we never asked for may or may not follow: the next bytes mean nothing.
    const unasked = this.#expectsContinue && !this.#client.body.done;
    const closes = mustClose || unasked || this.#closes || this.#client.isLast;
    const { composer, date } = this.#context;
    const facts = { date: date.line(), hsts: this.#client.hsts, closes };
    composer.open(this.#client.output);
    composer.text(ownAnswer(status, facts, extra, this.#method === 'HEAD'));
    composer.close();
    this.#status = status;
    this.#finish();
    this.#client.responseDone(closes);
  }

  /** Lets go of the endpoint, and of a connection that is not answered. */
  #release(): void {
    const upstream = this.#upstream;
    this.#upstream = undefined;
    this.#isConnected = false;
    this.#isHeadUnsent = false;
    upstream?.reset();
    if (!this.#isCounted || !this.#endpoint) return;
    this.#isCounted = false;
    this.#tried ??= new Set();
    this.#tried.add(this.#endpoint.id);
    this.#pool?.balancer.ended(this.#endpoint.id);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { metrics, clock, accessLog } = this.#context;
    const seconds = (clock.nowMs() - this.#startedMs) / 1000;
    metrics.activeRequests.add(-1);
    // 499: the client left before the response began, as nginx writes it.
    const status = this.#status === 0 ? 499 : this.#status;
    metrics.requestEnded(this.#match?.route, this.#pool?.pool.service ?? '', status, seconds);
    if (!accessLog) return;
    logRequest(this.#context.log, {
      requestId: this.#id,
      client: this.#identity?.address ?? this.#client.peer,
      method: this.#method,
      scheme: this.#client.arrival.scheme,
      host: this.#host,
      path: this.#path,
      minorVersion: this.#minorVersion,
      status,
      seconds,
      userAgent: this.#userAgent,
      match: this.#match,
      endpoint: this.#endpoint?.id,
      tries: this.#tries,
      reason: this.#refused,
      detail: this.#detail,
    });
  }
}
