import type { Measurement } from '../bench.ts';
import { percentile } from '../statistics.ts';

/** How one contender's figure changed between two revisions. */
export interface Change {
  readonly title: string;
  readonly unit: string;
  /** Medians over the turns. */
  readonly before: number;
  readonly after: number;
  /** after / before. */
  readonly ratio: number;
  /** `same` while the runs of both overlap, or less than `noticeable` lies between the medians. */
  readonly verdict: 'better' | 'same' | 'worse';
}

/** A smaller change is not told from what the machine does by itself. */
const noticeable = 0.05;

/**
 * Compares what both revisions measured, turn by turn, of Portolan's own contenders: relative to
 * the baseline of the same run where there is one, so that a machine that slowed down in between
 * changes nothing.
 */
export function compareRuns(
  before: readonly (readonly Measurement[])[],
  after: readonly (readonly Measurement[])[],
): readonly Change[] {
  const old = valuesByTitle(before);
  return [...valuesByTitle(after)].flatMap(([title, now]) => {
    const then = old.get(title);
    return then ? [judge(title, then, now)] : [];
  });
}

interface Values {
  readonly unit: string;
  readonly better: Measurement['better'];
  readonly values: number[];
}

function valuesByTitle(runs: readonly (readonly Measurement[])[]): ReadonlyMap<string, Values> {
  const found = new Map<string, Values>();
  for (const { title, unit, better, baseline, contenders } of runs.flat()) {
    const base = contenders.find(({ name }) => name === baseline)?.median;
    for (const { name, median } of contenders) {
      if (name === baseline) continue;
      const key = `${title}, ${name}`;
      const known = found.get(key) ?? {
        unit: base === undefined ? unit : `% of ${baseline}`,
        better,
        values: [],
      };
      known.values.push(base === undefined ? median : (median / base) * 100);
      found.set(key, known);
    }
  }
  return found;
}

function judge(title: string, then: Values, now: Values): Change {
  const before = percentile(then.values, 0.5);
  const after = percentile(now.values, 0.5);
  const ratio = after / before;
  const overlap =
    then.values.length > 1 &&
    Math.min(...now.values) <= Math.max(...then.values) &&
    Math.max(...now.values) >= Math.min(...then.values);
  const same = overlap || Math.abs(ratio - 1) < noticeable;
  const grew = ratio > 1;
  const verdict = same ? 'same' : grew === (now.better === 'more') ? 'better' : 'worse';
  return { title, unit: now.unit, before, after, ratio, verdict };
}
