/** Which series to add up: all of a metric that agree in the labels `by`. */
export interface SumQuery {
  /** Of a histogram `NAME_bucket`, with `le` among its labels. */
  readonly metric: string;
  readonly by: readonly string[];
}

/** One sum: the values of the labels asked for, in their order. */
export interface SumRow {
  readonly metric: string;
  readonly labels: readonly string[];
  readonly value: number;
}

/** A series as a registry has it. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Adds up what the queries ask for. `samplesOf`: every series of a metric. */
export function sumSamples(
  queries: readonly SumQuery[],
  samplesOf: (metric: string) => Iterable<Sample>,
): readonly SumRow[] {
  return queries.flatMap(({ metric, by }) => {
    const rows = new Map<string, { labels: readonly string[]; value: number }>();
    for (const { labels, value } of samplesOf(metric)) {
      const values = by.map((name) => labels[name] ?? '');
      const key = values.join('\u0000');
      const row = rows.get(key);
      if (row) row.value += value;
      else rows.set(key, { labels: values, value });
    }
    return [...rows.values()].map((row) => ({ metric, ...row }));
  });
}
