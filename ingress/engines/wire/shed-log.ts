import type { BoundCounter, Clock, Log } from '../../../controller/base/index.ts';

/** Of a flood, one line so often. */
const everyMs = 1_000;

/** Tells that connections are lost because this process may open no more files, or the like. */
export class ShedLog {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #counter: BoundCounter;
  #toldMs = Number.NEGATIVE_INFINITY;
  #since = 0;

  constructor(log: Log, clock: Pick<Clock, 'nowMs'>, counter: BoundCounter) {
    this.#log = log;
    this.#clock = clock;
    this.#counter = counter;
  }

  /** `code`: the system's, such as EMFILE. */
  lost(scheme: 'http' | 'https', code: string): void {
    this.#counter.inc();
    this.#since += 1;
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#toldMs < everyMs) return;
    this.#log.warn({ scheme, code, connections: this.#since }, 'connections lost');
    this.#toldMs = nowMs;
    this.#since = 0;
  }
}
