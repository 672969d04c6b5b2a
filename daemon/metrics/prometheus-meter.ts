import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Family,
  Labels,
  Meter,
  MetricSpec,
} from '../../controller/base/index.ts';
import { type Sample, type SumQuery, type SumRow, sumSamples } from './sums.ts';

/** One process's metrics as plain data, to be sent to the process that answers `/metrics`. */
export type MetricsSnapshot = object[];

/** The content type of what `mergeSnapshots` returns. */
export const metricsContentType: string = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * The only door to prom-client. Counters and gauges are plain numbers that planes add to; the
 * library sees them when somebody scrapes.
 */
export class PrometheusMeter implements Meter {
  readonly #registry = new Registry();
  readonly #families = new Map<string, Family<unknown>>();
  readonly #series = new Map<string, SeriesMap>();
  readonly #histograms = new Map<string, Histogram>();

  counter(spec: MetricSpec): Family<BoundCounter> {
    return this.#once(spec.name, () => {
      const series = this.#newSeries(spec.name);
      void new Counter({
        ...described(spec),
        registers: [this.#registry],
        collect() {
          this.reset();
          for (const { labels, value } of series.all()) this.inc(labels, value);
        },
      });
      return series.family((one) => ({
        inc: (by = 1) => {
          one.value += by;
        },
      }));
    });
  }

  gauge(spec: MetricSpec): Family<BoundGauge> {
    return this.#once(spec.name, () => {
      const series = this.#newSeries(spec.name);
      void new Gauge({
        ...described(spec),
        registers: [this.#registry],
        collect() {
          this.reset();
          for (const { labels, value } of series.all()) this.set(labels, value);
        },
      });
      return series.family((one) => ({
        set: (value) => {
          one.value = value;
        },
        add: (by) => {
          one.value += by;
        },
      }));
    });
  }

  histogram(spec: MetricSpec & { readonly buckets: readonly number[] }): Family<BoundHistogram> {
    return this.#once(spec.name, () => {
      const histogram = new Histogram({
        ...described(spec),
        buckets: [...spec.buckets],
        registers: [this.#registry],
      });
      this.#histograms.set(`${spec.name}_bucket`, histogram);
      return {
        bind: (labels = {}) => histogram.labels({ ...labels }),
        unbind: (labels) => histogram.remove({ ...labels }),
      };
    });
  }

  /** Everything measured so far. */
  async snapshot(): Promise<MetricsSnapshot> {
    return await this.#registry.getMetricsAsJSON();
  }

  /** A few sums, at a fraction of a snapshot's price: for what is read every second. */
  async sums(queries: readonly SumQuery[]): Promise<readonly SumRow[]> {
    const buckets = new Map<string, readonly Sample[]>();
    for (const { metric } of queries) {
      const histogram = this.#histograms.get(metric);
      if (!histogram) continue;
      const { values } = await histogram.get();
      buckets.set(
        metric,
        values.filter(({ metricName }) => metricName === metric),
      );
    }
    return sumSamples(queries, (name) => this.#series.get(name)?.all() ?? buckets.get(name) ?? []);
  }

  #newSeries(name: string): SeriesMap {
    const series = new SeriesMap();
    this.#series.set(name, series);
    return series;
  }

  #once<Bound>(name: string, make: () => Family<Bound>): Family<Bound> {
    const known = this.#families.get(name);
    // One name is asked for with one kind only: rooms prefix their names.
    if (known) return known as Family<Bound>;
    const family = make();
    this.#families.set(name, family);
    return family;
  }
}

/** Sums the snapshots of several processes (gauges too: levels of one node add up). */
export async function mergeSnapshots(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return await AggregatorRegistry.aggregate([...snapshots]).metrics();
}

/**
 * What is worth keeping of a process that ended: its counters and histograms, so that sums over
 * processes never fall. Its levels ended with it.
 */
export async function retire(snapshots: readonly MetricsSnapshot[]): Promise<MetricsSnapshot> {
  const merged = await AggregatorRegistry.aggregate([...snapshots]).getMetricsAsJSON();
  return merged.filter((metric) => String(metric.type) !== 'gauge');
}

function described(spec: MetricSpec): { name: string; help: string; labelNames: string[] } {
  return { name: spec.name, help: spec.help, labelNames: [...(spec.labelNames ?? [])] };
}

interface Series {
  readonly labels: Record<string, string>;
  value: number;
}

/** The series of one family, by their label values. */
class SeriesMap {
  readonly #byKey = new Map<string, Series>();

  all(): Iterable<Series> {
    return this.#byKey.values();
  }

  family<Bound>(bound: (series: Series) => Bound): Family<Bound> {
    return {
      bind: (labels = {}) => {
        const key = seriesKey(labels);
        const series = this.#byKey.get(key) ?? { labels: { ...labels }, value: 0 };
        this.#byKey.set(key, series);
        return bound(series);
      },
      unbind: (labels) => void this.#byKey.delete(seriesKey(labels)),
    };
  }
}

function seriesKey(labels: Labels): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => `${name}\u0000${labels[name]}`)
    .join('\u0001');
}
