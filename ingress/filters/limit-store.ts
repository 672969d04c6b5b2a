/**
 * Counts that limits compare with. `take` and `enter` are asked once for each request, so they
 * answer at once.
 */
export interface LimitStore {
  /**
   * Takes one token out of a bucket. False: it is empty. `intervalMs`: in which one token comes
   * back. `burst`: how many tokens it holds beyond the one.
   */
  take(key: string, intervalMs: number, burst: number): boolean;
  /** One more of what is under way, unless there are `most`: false then. */
  enter(key: string, most: number): boolean;
  /** One less; exactly once for each `enter` that was granted. */
  leave(key: string): void;
}

/** Keys remembered at once, some 10 MB: above it the longest unused are forgotten. */
const defaultMost = 65_536;

/** The counts of one worker alone. */
export class MemoryLimitStore implements LimitStore {
  readonly #nowMs: () => number;
  readonly #most: number;
  /** When each bucket will be full again: the theoretical arrival time of GCRA. */
  readonly #fullAtMs = new Map<string, number>();
  readonly #underWay = new Map<string, number>();

  constructor(nowMs: () => number, most: number = defaultMost) {
    this.#nowMs = nowMs;
    this.#most = most;
  }

  take(key: string, intervalMs: number, burst: number): boolean {
    const now = this.#nowMs();
    const fullAt = Math.max(now, this.#fullAtMs.get(key) ?? now);
    if (fullAt - now > burst * intervalMs) return false;
    this.#fullAtMs.delete(key);
    if (this.#fullAtMs.size >= this.#most) this.#forget(now);
    this.#fullAtMs.set(key, fullAt + intervalMs);
    return true;
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

  /** Those that are full say nothing any more; then, in batches, whoever was seen least lately. */
  #forget(now: number): void {
    const room = this.#most - (this.#most >> 4) - 1;
    for (const [key, fullAt] of this.#fullAtMs) {
      if (fullAt > now && this.#fullAtMs.size <= room) break;
      this.#fullAtMs.delete(key);
    }
  }
}
