/** How many observations fell at or below a bound: a histogram's cumulative buckets. */
export interface Bucket {
  /** Seconds; Infinity for the last. */
  readonly upTo: number;
  readonly count: number;
}

/**
 * The value below which `share` of the observations lie, in seconds, as Prometheus'
 * `histogram_quantile` estimates it: evenly spread within a bucket, and the last finite bound for
 * what lies beyond it. Undefined without observations.
 */
export function histogramQuantile(buckets: readonly Bucket[], share: number): number | undefined {
  const sorted = buckets.toSorted((a, b) => a.upTo - b.upTo);
  const total = sorted.at(-1)?.count ?? 0;
  if (total <= 0) return undefined;
  const rank = share * total;
  let below: Bucket = { upTo: 0, count: 0 };
  for (const bucket of sorted) {
    if (bucket.count >= rank) {
      if (bucket.upTo === Number.POSITIVE_INFINITY) return below.upTo;
      const within = bucket.count - below.count;
      const part = within === 0 ? 1 : (rank - below.count) / within;
      return below.upTo + part * (bucket.upTo - below.upTo);
    }
    below = bucket;
  }
  return below.upTo;
}
