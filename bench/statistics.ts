/**
 * The value below which `share` (0 to 1) of the values lie, by the nearest-rank method: always one
 * that was measured. NaN for an empty list.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** Rounded for printing. */
export function round(value: number, digits: number = 1): number {
  return Number(value.toFixed(digits));
}
