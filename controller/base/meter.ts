/** Label values by label name. Bounded sets only: never an address, path or id from the network. */
export type Labels = Readonly<Record<string, string>>;

/** Counts up. `bind` once, outside the hot path; `inc` is then one addition. */
export interface BoundCounter {
  inc(by?: number): void;
}

/** Holds a level. */
export interface BoundGauge {
  set(value: number): void;
  add(by: number): void;
}

/** Observes a distribution, in the base unit of its name (`_seconds`, `_bytes`). */
export interface BoundHistogram {
  observe(value: number): void;
}

/** A metric family from which series are bound; `unbind` forgets a series whose object is gone. */
export interface Family<Bound> {
  bind(labels?: Labels): Bound;
  unbind(labels: Labels): void;
}

/** Prometheus metadata of one family. `help` is one sentence; names follow `portolan_<room>_…`. */
export interface MetricSpec {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
}

/**
 * Where planes put what they measure. Asking twice for one name gives the same family.
 * The daemon backs it with the Prometheus registry; tests use `memoryMeter`.
 */
export interface Meter {
  counter(spec: MetricSpec): Family<BoundCounter>;
  gauge(spec: MetricSpec): Family<BoundGauge>;
  histogram(spec: MetricSpec & { readonly buckets: readonly number[] }): Family<BoundHistogram>;
}
