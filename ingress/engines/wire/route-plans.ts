import type { RetryCondition, RouteOptions } from '../../compile/route-options.ts';
import type { Pool, Route } from '../../compile/table.ts';
import { FilterChain, type FilterContext } from '../../filters/index.ts';
import { type UpstreamLink, upstreamLink } from '../../upstream/index.ts';
import type { EngineLimits, EngineTimeouts } from '../shared/options.ts';

/** How requests of a route are treated: its options and filters, ready for use. */
export interface RoutePlan {
  readonly chain: FilterChain | undefined;
  readonly bodyBytes: number;
  readonly connectMs: number;
  readonly readMs: number;
  /** From the request's head to the response's; Infinity: no limit. */
  readonly responseMs: number;
  readonly retry: RetryPlan;
  readonly accessLog: boolean;
  /** How endpoints of a pool are spoken to. */
  readonly link: (pool: Pool) => UpstreamLink;
}

/** When a request is sent again, to another endpoint. */
export interface RetryPlan {
  readonly attempts: number;
  readonly on: ReadonlySet<RetryCondition>;
  readonly nonIdempotent: boolean;
  /** Infinity: no limit. */
  readonly withinMs: number;
  /** For one try, up to the response's head. Infinity: no limit. */
  readonly tryMs: number;
  /** Of a request's body, kept for another try. */
  readonly bodyBytes: number;
}

/** What an engine's own settings are made of. */
export interface PlanDefaults {
  readonly limits: EngineLimits;
  readonly timeouts: EngineTimeouts;
  readonly accessLog: boolean;
  readonly filters: FilterContext;
}

/** What most forms and API calls fit in; more is rarely worth the memory. */
const usualReplayBytes = 65_536;

const usualConditions: ReadonlySet<RetryCondition> = new Set(['error', 'timeout']);

/** Plans of routes, each made when its first request comes. */
export class RoutePlans {
  /** For routes without options or filters, and for requests that no route takes. */
  readonly plain: RoutePlan;
  readonly #defaults: PlanDefaults;
  readonly #plans = new WeakMap<Route, RoutePlan>();

  constructor(defaults: PlanDefaults) {
    const { limits, timeouts, accessLog } = defaults;
    this.#defaults = defaults;
    this.plain = {
      chain: undefined,
      bodyBytes: limits.bodyBytes,
      connectMs: timeouts.connectMs,
      readMs: timeouts.readMs,
      retry: {
        attempts: limits.tries,
        on: usualConditions,
        nonIdempotent: false,
        withinMs: Number.POSITIVE_INFINITY,
        tryMs: Number.POSITIVE_INFINITY,
        bodyBytes: usualReplayBytes,
      },
      responseMs: Number.POSITIVE_INFINITY,
      accessLog,
      link: ({ protocol }) => upstreamLink(protocol),
    };
  }

  of(route: Route): RoutePlan {
    if (route.options === undefined && route.filters.length === 0) return this.plain;
    const known = this.#plans.get(route);
    if (known) return known;
    const plan = this.#make(route);
    this.#plans.set(route, plan);
    return plan;
  }

  #make({ options = {}, filters }: Route): RoutePlan {
    const { plain } = this;
    const { retry = {} } = options;
    return {
      chain: filters.length > 0 ? new FilterChain(filters, this.#defaults.filters) : undefined,
      bodyBytes: options.bodyBytes ?? plain.bodyBytes,
      connectMs: options.connectMs ?? plain.connectMs,
      readMs: options.readMs ?? plain.readMs,
      retry: {
        attempts: retry.attempts ?? plain.retry.attempts,
        on: retry.on ? new Set(retry.on) : plain.retry.on,
        nonIdempotent: retry.nonIdempotent ?? plain.retry.nonIdempotent,
        withinMs: retry.withinMs ?? plain.retry.withinMs,
        tryMs: retry.tryMs ?? plain.retry.tryMs,
        bodyBytes: retry.bodyBytes ?? plain.retry.bodyBytes,
      },
      responseMs: options.responseMs ?? plain.responseMs,
      accessLog: plain.accessLog && options.accessLog !== false,
      link: linkOf(options),
    };
  }
}

/** Made once for each protocol, so that connections find their link by identity. */
function linkOf({ protocol, tls, proxyProtocol }: RouteOptions): RoutePlan['link'] {
  const made = new Map<Pool['protocol'], UpstreamLink>();
  return (pool) => {
    const spoken = protocol ?? pool.protocol;
    const link = made.get(spoken) ?? upstreamLink(spoken, tls, proxyProtocol);
    made.set(spoken, link);
    return link;
  };
}
