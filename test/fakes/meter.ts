import type {
  BoundCounter,
  BoundGauge,
  BoundHistogram,
  Family,
  Labels,
  Meter,
  MetricSpec,
} from '../../controller/base/index.ts';

/** Keeps every series in a map: `name{label="value"}` → value (histograms: the observations). */
export class MemoryMeter implements Meter {
  readonly values: Map<string, number> = new Map();
  readonly observations: Map<string, number[]> = new Map();

  counter(spec: MetricSpec): Family<BoundCounter> {
    return this.#family(spec, (key) => ({ inc: (by = 1) => this.#add(key, by) }));
  }

  gauge(spec: MetricSpec): Family<BoundGauge> {
    return this.#family(spec, (key) => ({
      set: (value) => void this.values.set(key, value),
      add: (by) => this.#add(key, by),
    }));
  }

  histogram(spec: MetricSpec): Family<BoundHistogram> {
    return this.#family(spec, (key) => ({
      observe: (value) => {
        const seen = this.observations.get(key) ?? [];
        seen.push(value);
        this.observations.set(key, seen);
      },
    }));
  }

  #add(key: string, by: number): void {
    this.values.set(key, (this.values.get(key) ?? 0) + by);
  }

  #family<Bound>(spec: MetricSpec, make: (key: string) => Bound): Family<Bound> {
    return {
      bind: (labels) => make(seriesKey(spec.name, labels)),
      unbind: (labels) => {
        this.values.delete(seriesKey(spec.name, labels));
        this.observations.delete(seriesKey(spec.name, labels));
      },
    };
  }
}

function seriesKey(name: string, labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `${name}{${pairs.toSorted().join(',')}}` : name;
}
