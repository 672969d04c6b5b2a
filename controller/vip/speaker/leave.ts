/** The leave of a witness to be Active. Monotonic milliseconds. */
export class Leave {
  #wanted = false;
  #untilMs: number | undefined;

  /** When it ends; undefined: there is none. */
  get untilMs(): number | undefined {
    return this.#untilMs;
  }

  give(untilMs: number): void {
    // One that was not asked for any more is on its way back.
    if (this.#wanted) this.#untilMs = untilMs;
  }

  take(): void {
    this.#untilMs = undefined;
  }

  /** True when it ran out. */
  ended(nowMs: number): boolean {
    return this.#untilMs !== undefined && this.#untilMs <= nowMs;
  }

  /** True when that is news. */
  wanted(wanted: boolean): boolean {
    if (wanted === this.#wanted) return false;
    this.#wanted = wanted;
    if (!wanted) this.#untilMs = undefined;
    return true;
  }
}
