import type { RetryCondition } from '../../compile/route-options.ts';
import type { Route } from '../../compile/table.ts';
import { FilterChain, type FilterContext } from '../../filters/index.ts';
import type { EngineLimits, EngineTimeouts } from '../shared/options.ts';

/** How requests of a route are treated: its options and filters, ready for use. */
export interface RoutePlan {
  readonly chain: FilterChain | undefined;
  readonly bodyBytes: number;
  readonly connectMs: number;
  readonly readMs: number;
  readonly retry: RetryPlan;
  readonly accessLog: boolean;
}

/** When a request is sent again, to another endpoint. */
export interface RetryPlan {
  readonly attempts: number;
  readonly on: ReadonlySet<RetryCondition>;
  readonly nonIdempotent: boolean;
  /** Infinity: no limit. */
  readonly withinMs: number;
}

/** What an engine's own settings are made of. */
export interface PlanDefaults {
  readonly limits: EngineLimits;
  readonly timeouts: EngineTimeouts;
  readonly accessLog: boolean;
  readonly filters: FilterContext;
}

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
      },
      accessLog,
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
      },
      accessLog: plain.accessLog && options.accessLog !== false,
    };
  }
}
