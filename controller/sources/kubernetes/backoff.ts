import type { Random } from '../../base/index.ts';

/** client-go's reflector: 800 ms, doubling to 30 s, each with up to as much again at random… */
const firstMs = 800;
const longestMs = 30_000;
/** …and from the start again after two minutes without a failure. */
const forgetAfterMs = 120_000;

/** How long to wait before the next attempt at something that keeps failing. */
export class Backoff {
  readonly #random: Random;
  #nextMs = firstMs;
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Milliseconds to wait after a failure at `nowMs`, monotonic. */
  afterFailure(nowMs: number): number {
    if (nowMs - this.#failedAtMs > forgetAfterMs) this.#nextMs = firstMs;
    this.#failedAtMs = nowMs;
    const delayMs = this.#nextMs * (1 + this.#random());
    this.#nextMs = Math.min(longestMs, this.#nextMs * 2);
    return delayMs;
  }
}
