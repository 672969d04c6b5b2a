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

/**
 * A request on its way to an endpoint of a pool, and to another one if that fails and trying
 * again is safe. Says nothing to the client.
 */
export class Delivery implements Expirable {
  readonly pool: BalancedPool;
  /** The endpoint tried last. */
  endpoint: EndpointTarget | undefined = undefined;
  tries = 0;
  /** Why the last try failed. */
  failure: UpstreamFailure | undefined = undefined;
  readonly #context: WireContext;
  readonly #user: UpstreamUser;
  readonly #request: UpstreamRequest;
  readonly #options: DeliveryOptions;
  readonly #startedMs: number;
  #stream: UpstreamStream | undefined = undefined;
  #isReady = false;
  #isCounted = false;
  #tried: Set<string> | undefined = undefined;
  #body: ReplayBody | undefined = undefined;
  #tryDeadline: Deadline | undefined = undefined;

  constructor(
    context: WireContext,
    user: UpstreamUser,
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

  /** The first try. False: there is no endpoint. */
  start(): boolean {
    this.pool.retryBudget.deposit();
    const endpoint = this.#next();
    if (endpoint) this.#try(endpoint);
    return endpoint !== undefined;
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
    this.pool.balancer.started(endpoint.id);
    this.#connect(endpoint, true);
  }

  /** A new connection stands: the request goes out on it. */
  connected(stream: UpstreamStream): void {
    this.#begin(stream);
  }

  /** A try takes too long. */
  expired(): void {
    const stream = this.#stream;
    if (!stream) return;
    stream.reset();
    const message = `no response within ${this.#options.plan.retry.tryMs} ms`;
    const failure = { reason: 'read-timeout', status: 504, unsent: false, stale: false } as const;
    this.#user.upstreamFailed(stream, { ...failure, message });
  }

  /** A response has begun: the try takes as long as it takes. */
  answered(): void {
    if (this.#tryDeadline) this.#context.wheel.clear(this.#tryDeadline);
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
    this.answered();
    if (!this.#isCounted || !this.endpoint) return;
    this.#isCounted = false;
    this.#tried ??= new Set();
    this.#tried.add(this.endpoint.id);
    this.pool.balancer.ended(this.endpoint.id);
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
    if (preferredEndpoint !== undefined && exclude?.has(preferredEndpoint) !== true) {
      const preferred = this.pool.endpoints.get(preferredEndpoint);
      if (preferred) return preferred;
    }
    return this.pool.balancer.pick(exclude ? { clientIP, exclude } : { clientIP });
  }

  #connect(endpoint: EndpointTarget, mayReuse: boolean): void {
    const { plan, clientAddress } = this.#options;
    const { upstreams, wheel } = this.#context;
    const streams = upstreams.of(endpoint, plan.link(this.pool.pool));
    const { isUpgrade } = this.#request;
    const kept = mayReuse && !isUpgrade ? streams.take(this.#isRepeatable) : undefined;
    this.#isReady = false;
    this.#stream = kept ?? streams.open(this.#user, { connectMs: plan.connectMs, clientAddress });
    if (plan.retry.tryMs < Number.POSITIVE_INFINITY) {
      this.#tryDeadline ??= new Deadline(this);
      wheel.set(this.#tryDeadline, plan.retry.tryMs);
    }
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
