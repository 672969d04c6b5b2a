/** Where the time comes from: the deadline wheel's coarse clock will do. */
interface TimeSource {
  readonly nowMs: number;
}

/**
 * How often something suspicious may happen: a bucket that fills at a rate, up to a burst. Honest
 * peers do each of these things now and then, and an attack does nothing else.
 */
export class Budget {
  readonly #time: TimeSource;
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filledAtMs: number;

  constructor(time: TimeSource, burst: number, perSecond: number) {
    this.#time = time;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#filledAtMs = time.nowMs;
  }

  /** False: too often. */
  spend(): boolean {
    const { nowMs } = this.#time;
    const refill = ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#burst, this.#left + refill);
    this.#filledAtMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
