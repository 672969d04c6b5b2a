import type { FailedRequest } from './load.ts';

export const binMs = 100;

/** Failed requests of one tenth of a second. */
export interface Bin {
  /** Since the event; negative before it. */
  readonly fromMs: number;
  readonly failed: number;
}

/** Failed requests by tenths of a second since `eventMs`, only those that have any. */
export function failureBins(failed: readonly FailedRequest[], eventMs: number): readonly Bin[] {
  const counts = new Map<number, number>();
  for (const { atMs } of failed) {
    const fromMs = Math.floor((atMs - eventMs) / binMs) * binMs;
    counts.set(fromMs, (counts.get(fromMs) ?? 0) + 1);
  }
  return [...counts]
    .map(([fromMs, count]) => ({ fromMs, failed: count }))
    .toSorted((a, b) => a.fromMs - b.fromMs);
}

/** `0–100 ms: 5, 300–400 ms: 1`, or `none`. */
export function binsText(bins: readonly Bin[]): string {
  if (bins.length === 0) return 'none';
  return bins.map(({ fromMs, failed }) => `${fromMs}–${fromMs + binMs} ms: ${failed}`).join(', ');
}

/** Failures later than `afterMs` after the event. */
export function failuresAfter(
  failed: readonly FailedRequest[],
  eventMs: number,
  afterMs: number,
): readonly FailedRequest[] {
  return failed.filter(({ atMs }) => atMs - eventMs > afterMs);
}
