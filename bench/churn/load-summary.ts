import type { FailedRequest, Load } from './load.ts';

const binMs = 100;

/** Failed requests of one tenth of a second. */
interface Bin {
  /** Since the event; negative before it. */
  readonly fromMs: number;
  readonly failed: number;
}

/** What clients noticed of an event. */
export interface LoadSummary {
  readonly through: 'l7' | 'l4';
  readonly answered: number;
  readonly failed: number;
  /** Failed later after the event than they may. */
  readonly failedLate: number;
  /** Only those with failures. */
  readonly bins: readonly Bin[];
}

/** Both planes, counted from `eventMs`; failures up to `graceMs` after it are to be expected. */
export function summarise(
  loads: Readonly<Record<'l7' | 'l4', Load>>,
  eventMs: number,
  graceMs: number,
): readonly LoadSummary[] {
  return (['l7', 'l4'] as const).map((through) => {
    const { succeeded, failed } = loads[through];
    return {
      through,
      answered: succeeded,
      failed: failed.length,
      failedLate: failed.filter(({ atMs }) => atMs - eventMs > graceMs).length,
      bins: failureBins(failed, eventMs),
    };
  });
}

function failureBins(failed: readonly FailedRequest[], eventMs: number): readonly Bin[] {
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
export function binsText({ bins }: LoadSummary): string {
  if (bins.length === 0) return 'none';
  return bins.map(({ fromMs, failed }) => `${fromMs}–${fromMs + binMs} ms: ${failed}`).join(', ');
}
