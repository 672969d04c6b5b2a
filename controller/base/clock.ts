/**
 * The one door to time. Code that must be testable without waiting takes a `Clock`; tests pass
 * one that they move by hand (`test/fakes/clock.ts`).
 */
export interface Clock {
  /** Wall time, milliseconds since the Unix epoch: for stamps that people or the API read. */
  wallMs(): number;
  /** Monotonic milliseconds from an arbitrary start: for every interval and deadline. */
  nowMs(): number;
  /** Calls back once after `delayMs`; disposing cancels. Timers do not keep the process alive. */
  schedule(delayMs: number, callback: () => void): Disposable;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  nowMs: () => performance.now(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
