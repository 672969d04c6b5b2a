import type { LimitStore } from './limit-store.ts';
import { TokenBuckets } from './token-buckets.ts';

/** The counts of one process alone. */
export class MemoryLimitStore implements LimitStore {
  readonly #buckets: TokenBuckets;
  readonly #underWay = new Map<string, number>();

  constructor(nowMs: () => number, most?: number) {
    this.#buckets = new TokenBuckets(nowMs, most);
  }

  take(key: string, intervalMs: number, burst: number): boolean {
    return this.#buckets.take(key, intervalMs, burst, 1).tokens > 0;
  }

  enter(key: string, most: number): boolean {
    const count = this.#underWay.get(key) ?? 0;
    if (count >= most) return false;
    this.#underWay.set(key, count + 1);
    return true;
  }

  leave(key: string): void {
    const count = this.#underWay.get(key) ?? 0;
    if (count > 1) this.#underWay.set(key, count - 1);
    else this.#underWay.delete(key);
  }
}
