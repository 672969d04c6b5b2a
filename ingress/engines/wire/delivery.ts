import type { RetryCondition } from '../../compile/route-options.ts';
import type { BodyPieces } from '../../http1/index.ts';
import { Deadline, type Expirable } from '../../transport/index.ts';
import type {
  UpstreamFailure,
  UpstreamRequest,
  UpstreamStream,
  UpstreamUser,
} from '../../upstream/index.ts';
import type { BalancedPool, EndpointTarget } from '../shared/balanced-pools.ts';
import type { WaitingRequest } from '../shared/waiting-requests.ts';
import { isIdempotent } from '../shared/idempotent.ts';
import type { WireContext } from './context.ts';
import { ReplayBody } from './replay-body.ts';
import type { RoutePlan } from './route-plans.ts';

/** How a delivery goes about it. */
export interface DeliveryOptions {
  readonly plan: RoutePlan;
  readonly clientAddress: string;
  /** What balancers that hash, hash. */
  readonly balancingKey: string;
  /** `address:port`, as long as the pool has it. */
  readonly preferredEndpoint: string | undefined;
}

/** Who wants the request delivered. */
export interface DeliveryOwner extends UpstreamUser {
  /** It waited, and is on its way now. */
  deliveryBegun(): void;
  /** It has waited for as long as it may. */
  deliveryLate(): void;
}

/**
 * A request on its way to an endpoint of a pool, and to another one if that fails and trying
 * again is safe. Says nothing to the client.
 */
export class Delivery implements Expirable, WaitingRequest {
  readonly pool: BalancedPool;
  /** The endpoint tried last. */
  endpoint: EndpointTarget | undefined = undefined;
  tries = 0;
  /** Why the last try failed. */
  failure: UpstreamFailure | undefined = undefined;
  readonly #context: WireContext;
  readonly #user: DeliveryOwner;
  readonly #request: UpstreamRequest;
  readonly #options: DeliveryOptions;
  readonly #startedMs: number;
  #stream: UpstreamStream | undefined = undefined;
  #isReady = false;
  #isCounted = false;
  #tried: Set<string> | undefined = undefined;
  #body: ReplayBody | undefined = undefined;
  /** For the try under way, or for the wait before it. */
  #deadline: Deadline | undefined = undefined;
  #isWaiting = false;
  /** Only where the balancer wants to know. */
  #triedMs = 0;

  constructor(
    context: WireContext,
    user: DeliveryOwner,
    pool: BalancedPool,
    request: UpstreamRequest,
    options: DeliveryOptions,
  ) {
    this.#context = context;
    this.#user = user;
    this.pool = pool;
    this.#request = request;
    this.#options = options;
    this.#startedMs = context.wheel.nowMs;
  }

  /** The way to the endpoint, once it is connected. */
  get stream(): UpstreamStream | undefined {
    return this.#isReady ? this.#stream : undefined;
  }

  /** The first try, or the wait for it. False: there is no endpoint, and no room to wait. */
  start(): boolean {
    this.pool.retryBudget.deposit();
    const endpoint = this.#next();
    if (endpoint) this.#try(endpoint);
    return endpoint !== undefined || this.#wait();
  }

  /** An endpoint may have room now. */
  roomMade(): boolean {
    const endpoint = this.#next();
    if (!endpoint) return false;
    this.#isWaiting = false;
    this.#stopClock();
    this.#try(endpoint);
    this.#user.deliveryBegun();
    return true;
  }

  /** Passes a part of the body on, and keeps it as long as it may be wanted again. */
  sendBody(bytes: Buffer, body: BodyPieces): void {
    this.#body ??= new ReplayBody(
      this.#isRepeatableMethod ? this.#options.plan.retry.bodyBytes : 0,
    );
    this.#body.add(bytes, body);
    this.stream?.sendBody(bytes, body);
  }

  /** One that has not been tried; undefined: there is none, or enough were. */
  #next(): EndpointTarget | undefined {
    return this.#mayTry ? this.#choose(this.#tried) : undefined;
  }

  #try(endpoint: EndpointTarget): void {
    if (this.tries > 0) this.#context.metrics.retries.inc();
    this.tries += 1;
    this.endpoint = endpoint;
    this.#isCounted = true;
    if (this.pool.balancer.answered) this.#triedMs = this.#context.clock.nowMs();
    this.pool.balancer.started(endpoint.id);
    this.pool.watch.started(endpoint.id);
    this.#connect(endpoint, true);
  }

  /** A new connection stands: the request goes out on it. */
  connected(stream: UpstreamStream): void {
    this.#begin(stream);
  }

  /** A try takes too long, or the wait for one. */
  expired(): void {
    if (this.#isWaiting) {
      this.#stopWaiting();
      this.#user.deliveryLate();
      return;
    }
    const stream = this.#stream;
    if (!stream) return;
    stream.reset();
    const message = `no response within ${this.#options.plan.retry.tryMs} ms`;
    const failure = { reason: 'read-timeout', status: 504, unsent: false, stale: false } as const;
    this.#user.upstreamFailed(stream, { ...failure, message });
  }

  /** A response has begun, which may take as long as it takes. */
  answered(status: number): void {
    this.#stopClock();
    if (!this.endpoint) return;
    const { watch, balancer } = this.pool;
    const { clock, wheel } = this.#context;
    if (balancer.answered) {
      const nowMs = clock.nowMs();
      balancer.answered(this.endpoint.id, nowMs - this.#triedMs, nowMs);
    }
    if (watch.answered(this.endpoint.id, status, wheel.nowMs)) this.#ejected();
  }

  /** Whether this is the try under way, and not one that was given up before. */
  isCurrent(stream: UpstreamStream): boolean {
    return this.#stream === stream;
  }

  /** The try under way has failed, before a response. True: another is under way. */
  retry(failure: UpstreamFailure): boolean {
    const { metrics } = this.#context;
    // The endpoint closed an idle connection while we took it up again: no fault of anybody's,
    // and a new connection tells.
    if (failure.stale && this.#isRepeatable && this.endpoint) {
      metrics.retries.inc();
      this.#connect(this.endpoint, false);
      return true;
    }
    this.failure = failure;
    const { namespace, service } = this.pool.pool;
    metrics.upstreamFailed(namespace, service, failure.reason);
    const { endpoint, pool } = this;
    if (endpoint && pool.watch.failed(endpoint.id, this.#context.wheel.nowMs)) this.#ejected();
    this.release();
    if (!this.#options.plan.retry.on.has(conditionOf(failure))) return false;
    if (!failure.unsent && !this.#isRepeatable) return false;
    const other = this.#next();
    // What was never sent costs no endpoint anything.
    if (!other || (!failure.unsent && !this.pool.retryBudget.withdraw())) return false;
    this.#try(other);
    return true;
  }

  /** A response with this status has begun. True: another try is under way instead of it. */
  retryStatus(status: number): boolean {
    const { on } = this.#options.plan.retry;
    const condition = statusConditions.get(status);
    if (condition === undefined || !on.has(condition)) return false;
    if (!this.#isRepeatable || !this.#mayTry || !this.endpoint) return false;
    const other = this.#choose(new Set(this.#tried).add(this.endpoint.id));
    if (!other || !this.pool.retryBudget.withdraw()) return false;
    this.release();
    this.#try(other);
    return true;
  }

  /** The response is complete. `requestSent`: the request too, so the connection may serve on. */
  complete(requestSent: boolean): void {
    const stream = this.#stream;
    this.#stream = undefined;
    stream?.release(requestSent);
    this.release();
  }

  /** Lets go of the endpoint, and of a connection that is not answered. */
  release(): void {
    const stream = this.#stream;
    this.#stream = undefined;
    this.#isReady = false;
    stream?.reset();
    this.#stopClock();
    if (this.#isWaiting) this.#stopWaiting();
    if (!this.#isCounted || !this.endpoint) return;
    this.#isCounted = false;
    this.#tried ??= new Set();
    this.#tried.add(this.endpoint.id);
    this.pool.balancer.ended(this.endpoint.id);
    this.pool.watch.ended(this.endpoint.id);
    if (this.pool.waiting.size > 0) this.pool.waiting.wakeOne();
  }

  #stopClock(): void {
    if (this.#deadline) this.#context.wheel.clear(this.#deadline);
  }

  #startClock(durationMs: number): void {
    this.#deadline ??= new Deadline(this);
    this.#context.wheel.set(this.#deadline, durationMs);
  }

  /** Until an endpoint has room. False: there is none, or too many wait already. */
  #wait(): boolean {
    const { waiting, endpoints, pool } = this.pool;
    const { pendingRequests, pendingMs } = pool.protection;
    if (endpoints.size === 0 || waiting.size >= pendingRequests) return false;
    this.#isWaiting = true;
    waiting.add(this);
    this.#startClock(pendingMs);
    return true;
  }

  #stopWaiting(): void {
    this.#isWaiting = false;
    this.pool.waiting.remove(this);
  }

  #ejected(): void {
    const { namespace, service } = this.pool.pool;
    this.#context.metrics.endpointEjected(namespace, service);
    this.#context.log.warn(
      { service: `${namespace}/${service}`, endpoint: this.endpoint?.id },
      'endpoint ejected',
    );
  }

  /** Sending it again does no harm, and can be done. */
  get #isRepeatable(): boolean {
    return this.#isRepeatableMethod && this.#body?.isLost !== true;
  }

  get #isRepeatableMethod(): boolean {
    return this.#options.plan.retry.nonIdempotent || isIdempotent(this.#request.method);
  }

  get #mayTry(): boolean {
    if (this.tries === 0) return true;
    const { attempts, withinMs } = this.#options.plan.retry;
    return this.tries < attempts && this.#context.wheel.nowMs - this.#startedMs < withinMs;
  }

  #choose(exclude: ReadonlySet<string> | undefined): EndpointTarget | undefined {
    const { balancingKey: clientIP, preferredEndpoint } = this.#options;
    const { balancer, watch, endpoints } = this.pool;
    const avoided = watch.avoided(this.#context.wheel.nowMs, this.#context.random);
    if (preferredEndpoint !== undefined && exclude?.has(preferredEndpoint) !== true) {
      const preferred = endpoints.get(preferredEndpoint);
      if (preferred && avoided?.has(preferredEndpoint) !== true) return preferred;
    }
    if (avoided) {
      const better = balancer.pick({ clientIP, exclude: exclude?.union(avoided) ?? avoided });
      if (better) return better;
    }
    // Nobody better is left, so an ejected one gets a chance; a full one does not.
    const last = balancer.pick(exclude ? { clientIP, exclude } : { clientIP });
    return last && !watch.isFull(last.id) ? last : undefined;
  }

  #connect(endpoint: EndpointTarget, mayReuse: boolean): void {
    const { plan, clientAddress } = this.#options;
    const streams = this.#context.upstreams.of(endpoint, plan.link(this.pool.pool));
    const { isUpgrade } = this.#request;
    const kept = mayReuse && !isUpgrade ? streams.take(this.#isRepeatable) : undefined;
    this.#isReady = false;
    this.#stream = kept ?? streams.open(this.#user, { connectMs: plan.connectMs, clientAddress });
    if (plan.retry.tryMs < Number.POSITIVE_INFINITY) this.#startClock(plan.retry.tryMs);
    if (kept) this.#begin(kept);
  }

  #begin(stream: UpstreamStream): void {
    stream.begin(this.#user, this.#request);
    this.#isReady = true;
    const body = this.#body;
    if (body && !body.isLost) stream.sendBody(body.bytes(), body);
  }
}

const statusConditions: ReadonlyMap<number, RetryCondition> = new Map([
  [500, 'status-500'],
  [502, 'status-502'],
  [503, 'status-503'],
  [504, 'status-504'],
  [403, 'status-403'],
  [404, 'status-404'],
  [429, 'status-429'],
]);

function conditionOf({ reason }: UpstreamFailure): RetryCondition {
  switch (reason) {
    case 'connect-timeout':
    case 'read-timeout':
      return 'timeout';
    case 'invalid-response':
      return 'invalid-response';
    case 'connect-refused':
    case 'connect-failed':
    case 'reset':
      return 'error';
  }
}
