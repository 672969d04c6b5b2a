import type { RetryCondition } from '../../compile/route-options.ts';
import { chunkedBody } from '../../http1/index.ts';
import type {
  UpstreamFailure,
  UpstreamRequest,
  UpstreamStream,
  UpstreamUser,
} from '../../upstream/index.ts';
import type { BalancedPool, EndpointTarget } from '../shared/balanced-pools.ts';
import { isIdempotent } from '../shared/idempotent.ts';
import type { WireContext } from './context.ts';
import type { RoutePlan } from './route-plans.ts';

/** How a delivery goes about it. */
export interface DeliveryOptions {
  readonly plan: RoutePlan;
  /** What balancers that hash, hash. */
  readonly balancingKey: string;
  /** `address:port`, as long as the pool has it. */
  readonly preferredEndpoint: string | undefined;
}

/**
 * A request on its way to an endpoint of a pool, and to another one if that fails and trying
 * again is safe. Says nothing to the client.
 */
export class Delivery {
  readonly pool: BalancedPool;
  /** The endpoint tried last. */
  endpoint: EndpointTarget | undefined = undefined;
  tries = 0;
  /** Why the last try failed. */
  failure: UpstreamFailure | undefined = undefined;
  /** Body bytes have been passed on: the request cannot be sent again. */
  bodyStarted = false;
  readonly #context: WireContext;
  readonly #user: UpstreamUser;
  readonly #request: UpstreamRequest;
  readonly #options: DeliveryOptions;
  readonly #startedMs: number;
  #stream: UpstreamStream | undefined = undefined;
  #isReady = false;
  #isCounted = false;
  #tried: Set<string> | undefined = undefined;

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

  /** Tries an endpoint that has not been tried. False: there is none, or enough were tried. */
  next(): boolean {
    const endpoint = this.#mayTry ? this.#choose() : undefined;
    if (!endpoint) return false;
    if (this.tries > 0) this.#context.metrics.retries.inc();
    this.tries += 1;
    this.endpoint = endpoint;
    this.#isCounted = true;
    this.pool.balancer.started(endpoint.id);
    this.#connect(endpoint, true);
    return true;
  }

  /** A new connection stands: the request goes out on it. */
  connected(stream: UpstreamStream): void {
    stream.begin(this.#user, this.#request);
    this.#isReady = true;
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
    const maySend = !this.bodyStarted && (failure.unsent || this.#isRepeatable);
    return maySend && this.next();
  }

  /** A response with this status has begun. True: another try is under way instead of it. */
  retryStatus(status: number): boolean {
    const { on } = this.#options.plan.retry;
    const condition = statusConditions.get(status);
    if (condition === undefined || !on.has(condition)) return false;
    if (this.bodyStarted || !this.#isRepeatable || !this.#mayTry) return false;
    const left = this.#choose();
    if (!left || this.#tried?.has(left.id) === true || left === this.endpoint) return false;
    this.release();
    return this.next();
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
    if (!this.#isCounted || !this.endpoint) return;
    this.#isCounted = false;
    this.#tried ??= new Set();
    this.#tried.add(this.endpoint.id);
    this.pool.balancer.ended(this.endpoint.id);
  }

  get #isRepeatable(): boolean {
    const { bodyLength, method } = this.#request;
    const hasBody = bodyLength > 0 || bodyLength === chunkedBody;
    return !hasBody && (this.#options.plan.retry.nonIdempotent || isIdempotent(method));
  }

  get #mayTry(): boolean {
    if (this.tries === 0) return true;
    const { attempts, withinMs } = this.#options.plan.retry;
    return this.tries < attempts && this.#context.wheel.nowMs - this.#startedMs < withinMs;
  }

  #choose(): EndpointTarget | undefined {
    const { balancingKey: clientIP, preferredEndpoint } = this.#options;
    const exclude = this.#tried;
    if (preferredEndpoint !== undefined && exclude?.has(preferredEndpoint) !== true) {
      const preferred = this.pool.endpoints.get(preferredEndpoint);
      if (preferred) return preferred;
    }
    return this.pool.balancer.pick(exclude ? { clientIP, exclude } : { clientIP });
  }

  #connect(endpoint: EndpointTarget, mayReuse: boolean): void {
    const streams = this.#context.upstreams.of(endpoint, this.pool.pool.protocol);
    const { isUpgrade } = this.#request;
    const kept = mayReuse && !isUpgrade ? streams.take(this.#isRepeatable) : undefined;
    this.#isReady = kept !== undefined;
    this.#stream = kept ?? streams.open(this.#user, this.#options.plan.connectMs);
    kept?.begin(this.#user, this.#request);
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
