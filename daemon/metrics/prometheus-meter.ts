import type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Family,
  Labels,
  Meter,
  MetricSpec,
} from '../../controller/base/index.ts';
import { type HistogramSeries, labelText, type Series, SeriesMap } from './series.ts';
import type { FamilySnapshot, MetricsSnapshot } from './snapshot.ts';
import { type Sample, type SumQuery, type SumRow, sumSamples } from './sums.ts';

/** A family of either shape, as a scrape sees it. */
interface Registered {
  readonly family: Family<unknown>;
  snapshot(): FamilySnapshot;
  /** Series by the name of their samples: a histogram's have `_bucket` behind the family's. */
  readonly sampleName: string;
  samples(): Iterable<Sample>;
}

/**
 * What planes measure, in plain numbers that they add to; text is made of them only when somebody
 * asks. Counters, gauges and histograms as Prometheus has them.
 */
export class PrometheusMeter implements Meter {
  readonly #registered = new Map<string, Registered>();

  counter(spec: MetricSpec): Family<BoundCounter> {
    return this.#once(spec.name, () =>
      levels(spec, 'counter', (one) => ({
        inc: (by = 1) => {
          one.value += by;
        },
      })),
    );
  }

  gauge(spec: MetricSpec): Family<BoundGauge> {
    return this.#once(spec.name, () =>
      levels(spec, 'gauge', (one) => ({
        set: (value) => {
          one.value = value;
        },
        add: (by) => {
          one.value += by;
        },
      })),
    );
  }

  histogram(spec: MetricSpec & { readonly buckets: readonly number[] }): Family<BoundHistogram> {
    return this.#once(spec.name, () => distributions(spec, spec.buckets));
  }

  /** Everything measured so far. */
  snapshot(): MetricsSnapshot {
    return Array.from(this.#registered.values(), (one) => one.snapshot());
  }

  /** A few sums, at a fraction of a snapshot's price: for what is read every second. */
  sums(queries: readonly SumQuery[]): readonly SumRow[] {
    const bySample = new Map(
      Array.from(this.#registered.values(), (one) => [one.sampleName, one] as const),
    );
    return sumSamples(queries, (name) => bySample.get(name)?.samples() ?? []);
  }

  #once<Bound>(
    name: string,
    make: () => Registered & { readonly family: Family<Bound> },
  ): Family<Bound> {
    const known = this.#registered.get(name);
    // One name is asked for with one kind only: rooms prefix their names.
    if (known) return known.family as Family<Bound>;
    const made = make();
    this.#registered.set(name, made);
    return made.family;
  }
}

function levels<Bound>(
  { name, help }: MetricSpec,
  type: 'counter' | 'gauge',
  bound: (series: Series) => Bound,
): Registered & { readonly family: Family<Bound> } {
  const map = new SeriesMap<Series>();
  const make = (labels: Labels): Series => ({
    labels: { ...labels },
    key: `${name}${labelText(labels)}`,
    value: 0,
  });
  return {
    family: {
      bind: (labels = {}) => bound(map.get(labels, () => make(labels))),
      unbind: (labels) => map.delete(labels),
    },
    snapshot: () => {
      const all = [...map.all()];
      const values = Float64Array.from(all, ({ value }) => value);
      return { name, help, type, keys: all.map(({ key }) => key), values };
    },
    sampleName: name,
    samples: () => map.all(),
  };
}

function distributions(
  { name, help }: MetricSpec,
  buckets: readonly number[],
): Registered & { readonly family: Family<BoundHistogram> } {
  const bounds = Float64Array.from(buckets);
  const map = new SeriesMap<HistogramSeries>();
  const make = (labels: Labels): HistogramSeries => ({
    labels: { ...labels },
    counts: new Float64Array(bounds.length + 1),
    sum: 0,
  });
  return {
    family: {
      bind: (labels = {}) => {
        const one = map.get(labels, () => make(labels));
        return { observe: (value) => observe(one, bounds, value) };
      },
      unbind: (labels) => map.delete(labels),
    },
    snapshot: () => {
      const rows = [...map.all()].flatMap((one) => histogramRows(name, bounds, one));
      const keys = rows.map(([key]) => key);
      const values = Float64Array.from(rows, ([, value]) => value);
      return { name, help, type: 'histogram', keys, values };
    },
    sampleName: `${name}_bucket`,
    samples: () => [...map.all()].flatMap((one) => bucketSamples(bounds, one)),
  };
}

function observe(series: HistogramSeries, bounds: Float64Array, value: number): void {
  let index = 0;
  // Few buckets, and most values fall into the first of them.
  while (index < bounds.length && value > (bounds[index] ?? 0)) index += 1;
  series.counts[index] = (series.counts[index] ?? 0) + 1;
  series.sum += value;
}

/** Cumulative counts with `le` among the labels. */
function bucketSamples(bounds: Float64Array, { labels, counts }: HistogramSeries): Sample[] {
  let below = 0;
  return Array.from(counts, (count, index) => {
    below += count;
    const bound = bounds[index];
    const le = bound === undefined ? '+Inf' : String(bound);
    return { labels: { ...labels, le }, value: below };
  });
}

function histogramRows(
  name: string,
  bounds: Float64Array,
  series: HistogramSeries,
): readonly (readonly [key: string, value: number])[] {
  const buckets = bucketSamples(bounds, series);
  const text = labelText(series.labels);
  return [
    ...buckets.map(({ labels, value }) => [`${name}_bucket${labelText(labels)}`, value] as const),
    [`${name}_sum${text}`, series.sum],
    [`${name}_count${text}`, buckets.at(-1)?.value ?? 0],
  ];
}
