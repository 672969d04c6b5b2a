/** Keys remembered at once, some 10 MB: above it the longest unused are forgotten. */
const defaultMost = 65_536;

/** What a bucket gave. */
export interface Taken {
  /** Tokens, at most as many as were asked for. */
  readonly tokens: number;
  /** Milliseconds until there is one again; 0 if there were some. */
  readonly emptyMs: number;
}

/** Token buckets, each kept as the time when it will be full again (GCRA). */
export class TokenBuckets {
  readonly #nowMs: () => number;
  readonly #most: number;
  readonly #fullAtMs = new Map<string, number>();

  constructor(nowMs: () => number, most: number = defaultMost) {
    this.#nowMs = nowMs;
    this.#most = most;
  }

  /** Takes up to `tokens`. A bucket holds `burst` and one; one comes back each `intervalMs`. */
  take(key: string, intervalMs: number, burst: number, tokens: number): Taken {
    const now = this.#nowMs();
    const fullAt = Math.max(now, this.#fullAtMs.get(key) ?? now);
    // Tokens of which the last one is due no later than a full burst from now.
    const there = Math.floor(burst + 1 - (fullAt - now) / intervalMs + rounding);
    const taken = Math.min(tokens, there);
    if (taken <= 0) return { tokens: 0, emptyMs: fullAt - now - burst * intervalMs };
    this.#fullAtMs.delete(key);
    if (this.#fullAtMs.size >= this.#most) this.#forget(now);
    this.#fullAtMs.set(key, fullAt + taken * intervalMs);
    return { tokens: taken, emptyMs: 0 };
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

/** Sums of intervals such as 1000/3 fall short of a whole by some 1e-12. */
const rounding = 1e-6;
