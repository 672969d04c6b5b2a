import type { Clock } from '../../controller/base/index.ts';
import { growthBetween, type Reading } from './readings.ts';
import { type Traffic, trafficOf } from './traffic.ts';

/** One moment of the node's traffic. */
export interface TrafficSample extends Traffic {
  /** Wall time, Unix milliseconds. */
  readonly atMs: number;
}

export interface TrafficSamplerOptions {
  readonly clock: Clock;
  /** Reads every process's sums. */
  readonly read: () => Promise<Reading['byProcess']>;
}

const intervalMs = 1_000;

/** Five minutes, so that who opens a page sees what came before. */
const maxHistory = 300;

/**
 * Reads the traffic once a second while somebody listens, and rests otherwise: nobody pays for a
 * page that is not open.
 */
export class TrafficSampler implements Disposable {
  readonly #options: TrafficSamplerOptions;
  readonly #listeners = new Set<(sample: TrafficSample) => void>();
  #history: TrafficSample[] = [];
  #before: Reading | undefined;
  #timer: Disposable | undefined;

  constructor(options: TrafficSamplerOptions) {
    this.#options = options;
  }

  /** The samples of the last minutes, oldest first, as far as somebody listened. */
  get history(): readonly TrafficSample[] {
    return this.#history;
  }

  /** Calls `listener` with each sample from now on, until disposed. */
  subscribe(listener: (sample: TrafficSample) => void): Disposable {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) void this.#tick();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.#rest();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#listeners.clear();
    this.#rest();
  }

  #rest(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    // What happened in between would be spread over an interval of any length.
    this.#before = undefined;
  }

  async #tick(): Promise<void> {
    const { clock, read } = this.#options;
    const reading = { atMs: clock.nowMs(), byProcess: await read() };
    if (this.#listeners.size === 0) return;
    const before = this.#before;
    this.#before = reading;
    this.#timer?.[Symbol.dispose]();
    const spentMs = clock.nowMs() - reading.atMs;
    this.#timer = clock.schedule(Math.max(0, intervalMs - spentMs), () => void this.#tick());
    if (before)
      this.#publish({ atMs: clock.wallMs(), ...trafficOf(growthBetween(before, reading)) });
  }

  #publish(sample: TrafficSample): void {
    this.#history.push(sample);
    if (this.#history.length > maxHistory) this.#history.shift();
    for (const listener of this.#listeners) listener(sample);
  }
}
