import type { BoundHistogram, Clock, Meter } from '../../controller/base/index.ts';
import type { Store, WatchEvent } from '../../controller/store/index.ts';

/** Written by the endpoint slice controller: when the change that led to this slice happened. */
const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time';

/** kube-proxy's: seconds, fine up to a minute. */
const buckets: readonly number[] = [
  0.25,
  0.5,
  ...steps(1, 59, 1),
  ...steps(60, 115, 5),
  ...steps(120, 300, 30),
];

/** Triggers and tables waited for at once; what comes beyond is not measured. */
const maxWaiting = 10_000;

/**
 * Measures, as kube-proxy does, how long Pods' changes take until this node forwards by them: from
 * the trigger time that a slice carries until the table with it is in force. Triggers from before
 * this process are left out.
 */
export class NetworkProgramming implements Disposable {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #histogram: BoundHistogram;
  readonly #watch: Disposable;
  #pending: number[] = [];
  #waiting: { readonly generation: number; readonly triggersMs: readonly number[] }[] = [];

  constructor(store: Pick<Store, 'watch'>, clock: Clock, meter: Meter) {
    this.#clock = clock;
    this.#startedMs = clock.wallMs();
    this.#histogram = meter
      .histogram({
        name: 'kubeproxy_network_programming_duration_seconds',
        help: 'From the change of a Pod until this node forwards by it.',
        buckets,
      })
      .bind();
    this.#watch = store.watch({ kinds: ['EndpointSlice'] }, (events) => {
      for (const event of events) this.#note(event);
    });
  }

  /** A Service table went out that holds every change noted so far. */
  published(generation: number): void {
    if (this.#pending.length === 0) return;
    this.#waiting.push({ generation, triggersMs: this.#pending });
    this.#pending = [];
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
  }

  /** That table, or a later one, is in force. */
  applied(generation: number): void {
    const nowMs = this.#clock.wallMs();
    for (const one of this.#waiting) {
      if (one.generation > generation) break;
      for (const triggerMs of one.triggersMs) this.#histogram.observe((nowMs - triggerMs) / 1000);
    }
    this.#waiting = this.#waiting.filter((one) => one.generation > generation);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #note(event: WatchEvent): void {
    if (event.type !== 'ADDED' && event.type !== 'MODIFIED') return;
    const text = event.object.metadata.annotations?.[triggerAnnotation];
    const before =
      event.type === 'MODIFIED'
        ? event.previous.metadata.annotations?.[triggerAnnotation]
        : undefined;
    if (text === undefined || text === before) return;
    const triggerMs = Date.parse(text);
    // NaN, a text that is no time, fails the comparison too.
    if (triggerMs >= this.#startedMs && this.#pending.length < maxWaiting) {
      this.#pending.push(triggerMs);
    }
  }
}

function steps(from: number, to: number, by: number): readonly number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, step) => from + step * by);
}
