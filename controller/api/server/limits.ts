import { ApiError } from '../status.ts';

/** How much is done at once. Beyond it a client is told to come back, never queued without end. */
export interface LimitOptions {
  /** Reads and writes under way; default 400, as the API server for reads. */
  readonly maxInFlight?: number;
  /** Lists under way: each may hold megabytes. Default 32. */
  readonly maxLists?: number;
  /** Open watches. Default 5 000. */
  readonly maxWatches?: number;
}

/** What a request costs, in order of priority: probes are never refused. */
export type RequestClass = 'probe' | 'ordinary' | 'list' | 'watch';

/**
 * Counts what is under way in each class. Lists have a bound of their own below the common one, so
 * that bulk reads leave room for writes and watches.
 */
export class Limits {
  readonly #most: Readonly<Record<RequestClass, number>>;
  readonly #running: Record<RequestClass, number> = { probe: 0, ordinary: 0, list: 0, watch: 0 };

  constructor({ maxInFlight = 400, maxLists = 32, maxWatches = 5_000 }: LimitOptions = {}) {
    this.#most = {
      probe: Number.POSITIVE_INFINITY,
      ordinary: maxInFlight,
      list: maxLists,
      watch: maxWatches,
    };
  }

  /** Takes a place until disposed. @throws ApiError 429 when there is none */
  enter(kind: RequestClass): Disposable {
    if (this.#running[kind] >= this.#most[kind]) {
      throw new ApiError(
        429,
        'TooManyRequests',
        `too many ${kind} requests are under way (${this.#most[kind]}), please try again later`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#running[kind] += 1;
    let isLeft = false;
    return {
      [Symbol.dispose]: () => {
        if (isLeft) return;
        isLeft = true;
        this.#running[kind] -= 1;
      },
    };
  }

  running(kind: RequestClass): number {
    return this.#running[kind];
  }
}
