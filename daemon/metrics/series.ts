import type { Labels } from '../../controller/base/index.ts';

/** One counter or gauge: a number that planes add to, under the text that names it. */
export interface Series {
  readonly labels: Labels;
  /** `name{a="b"}`, as the text format has it. */
  readonly key: string;
  value: number;
}

/** One histogram: observations by bucket, not cumulative, and their sum. */
export interface HistogramSeries {
  readonly labels: Labels;
  /** One more than there are bounds: the last is what lies beyond them. */
  readonly counts: Float64Array;
  sum: number;
}

/** Series of one family by their label values. */
export class SeriesMap<S> {
  readonly #byLabels = new Map<string, S>();

  /** The series with these labels, made if there is none. */
  get(labels: Labels, make: () => S): S {
    const key = labelText(labels);
    const known = this.#byLabels.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#byLabels.set(key, made);
    return made;
  }

  delete(labels: Labels): void {
    this.#byLabels.delete(labelText(labels));
  }

  all(): Iterable<S> {
    return this.#byLabels.values();
  }
}

/** `{a="b",c="d"}` by name, '' without labels (Prometheus text format 0.0.4). */
export function labelText(labels: Labels): string {
  const names = Object.keys(labels).toSorted();
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}="${escapeValue(labels[name] ?? '')}"`).join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
