import type { BoundHistogram, Clock, Meter } from '../../controller/base/index.ts';
import { type PlaneName, planeNames } from '../worker/protocol.ts';

/** Seconds. Fine where the promise is made (20 ms), coarse above. */
const buckets = [
  0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 5,
] as const;

/** Table generations waited for at once; older ones are overtaken by newer ones anyway. */
const maxWaiting = 1_000;

/** Measures how long changes take from the store to the last worker of each plane. */
export class Propagation {
  readonly #clock: Clock;
  readonly #waiting = new Map<
    PlaneName,
    { readonly generation: number; readonly sinceMs: number }[]
  >();
  readonly #histograms = new Map<PlaneName, BoundHistogram>();

  constructor(clock: Clock, meter: Meter) {
    this.#clock = clock;
    const family = meter.histogram({
      name: 'portolan_table_propagation_seconds',
      help: 'From a change in the store until every worker has it in force, by plane.',
      labelNames: ['plane'],
      buckets,
    });
    for (const plane of planeNames) this.#histograms.set(plane, family.bind({ plane }));
  }

  /** A table went out to the workers; its oldest change entered the store at `sinceMs`. */
  published(plane: PlaneName, generation: number, sinceMs: number): void {
    const waiting = this.#waiting.get(plane) ?? [];
    waiting.push({ generation, sinceMs });
    if (waiting.length > maxWaiting) waiting.shift();
    this.#waiting.set(plane, waiting);
  }

  /** Every worker has `generation` of this plane, or a newer one. */
  applied(plane: PlaneName, generation: number): void {
    const waiting = this.#waiting.get(plane) ?? [];
    for (const one of waiting) {
      if (one.generation > generation) break;
      this.#histograms.get(plane)?.observe((this.#clock.nowMs() - one.sinceMs) / 1000);
    }
    this.#waiting.set(
      plane,
      waiting.filter((one) => one.generation > generation),
    );
  }
}
