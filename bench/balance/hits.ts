import { textTable } from '../text-table.ts';
import type { BalanceCase } from './cases.ts';
import type { Endpoint } from './endpoint.ts';

/** One row of the table of hits. */
export interface Hits {
  readonly endpoint: string;
  readonly weight: number;
  readonly hits: number;
  readonly expected: number;
  /** Most connections at a time. */
  readonly peak: number;
}

/** What the endpoints of a case counted, beside what they should have. */
export function countHits(one: BalanceCase, endpoints: readonly Endpoint[]): readonly Hits[] {
  const total = endpoints.reduce((sum, { hits }) => sum + hits, 0);
  const shares = one.expected.reduce((sum, share) => sum + share, 0);
  return endpoints.map(({ name, weight, hits, peak }, index) => ({
    endpoint: name,
    weight,
    hits,
    expected: Math.round((total * (one.expected[index] ?? 0)) / shares),
    peak,
  }));
}

/** The largest distance of a share from the expected one, in percentage points. */
export function worstPoints(hits: readonly Hits[]): number {
  const total = hits.reduce((sum, one) => sum + one.hits, 0);
  return Math.max(...hits.map((one) => (Math.abs(one.hits - one.expected) / total) * 100));
}

/** All cases in one table. */
export function hitsTable(
  counted: readonly { readonly one: BalanceCase; readonly hits: readonly Hits[] }[],
): string {
  const header = ['case', 'endpoint', 'weight', 'takes', 'hits', 'expected', 'share', 'at once'];
  return textTable(header, counted.flatMap(caseRows));
}

function caseRows({
  one,
  hits,
}: {
  readonly one: BalanceCase;
  readonly hits: readonly Hits[];
}): (string | number)[][] {
  const total = hits.reduce((sum, { hits: count }) => sum + count, 0);
  return hits.map((row, index) => [
    index === 0 ? one.name : '',
    row.endpoint,
    row.weight,
    `${one.delaysMs[index]} ms`,
    row.hits,
    row.expected,
    `${((row.hits / total) * 100).toFixed(1)} %`,
    row.peak,
  ]);
}
