import type { Clock } from '../../controller/base/index.ts';

/** A clock that stands still until a test moves it; timers fire in order of their deadlines. */
export class FakeClock implements Clock {
  #nowMs = 0;
  readonly #startWallMs: number;
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();

  /** `startWallMs`: Unix milliseconds; the default is 2026-01-01T00:00:00Z. */
  constructor(startWallMs: number = 1_767_225_600_000) {
    this.#startWallMs = startWallMs;
  }

  wallMs(): number {
    return this.#startWallMs + this.#nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): Disposable {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /** Timers not yet fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on, firing what falls due, also timers that fired ones start. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs;
    for (;;) {
      const next = [...this.#timers].toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.callback();
    }
    this.#nowMs = untilMs;
  }

  /** As `advance`, letting promises settle after each step of `stepMs`. */
  async advanceAsync(byMs: number, stepMs: number = byMs): Promise<void> {
    for (let passed = 0; passed < byMs; passed += stepMs) {
      this.advance(Math.min(stepMs, byMs - passed));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
