import type { Clock, Random } from '../base/index.ts';

/** The first retry is soon, as most failures are passing conflicts… */
const firstRetryMs = 50;
/** …and the last are no burden to an API server that is down for hours. */
const longestRetryMs = 30_000;

/**
 * Keys that wait for work, each once however often it was added, in order of arrival. So it holds
 * at most one entry for each object. Failed keys come back by themselves.
 */
export class WorkQueue implements Disposable {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #onReady: () => void;
  readonly #ready = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #retries = new Map<string, Disposable>();

  /** `onReady` is called whenever a key becomes ready. */
  constructor(clock: Clock, random: Random, onReady: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#onReady = onReady;
  }

  /** Keys ready now; those that wait for a retry do not count. */
  get size(): number {
    return this.#ready.size;
  }

  /** News about a key: it is tried at once, also if it failed before. */
  add(key: string): void {
    this.#cancelRetry(key);
    this.#ready.add(key);
    this.#onReady();
  }

  /** Takes up to `limit` keys. Say for each whether it `succeeded` or `failed`. */
  take(limit: number): readonly string[] {
    const taken: string[] = [];
    for (const key of this.#ready) {
      if (taken.length === limit) break;
      this.#ready.delete(key);
      taken.push(key);
    }
    return taken;
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }

  /** Tries again after a delay that doubles each time, with jitter from half of it to all. */
  failed(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (this.#ready.has(key)) return;
    this.#cancelRetry(key);
    const fullMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (failures - 1));
    const delayMs = fullMs * (0.5 + this.#random() / 2);
    this.#retries.set(
      key,
      this.#clock.schedule(delayMs, () => this.add(key)),
    );
  }

  [Symbol.dispose](): void {
    this.#ready.clear();
    for (const retry of this.#retries.values()) retry[Symbol.dispose]();
    this.#retries.clear();
  }

  #cancelRetry(key: string): void {
    this.#retries.get(key)?.[Symbol.dispose]();
    this.#retries.delete(key);
  }
}
