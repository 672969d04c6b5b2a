import type { SumQuery, SumRow } from '../metrics/sums.ts';

/** The sums that live traffic is computed from. */
export const trafficQueries: readonly SumQuery[] = [
  { metric: 'portolan_ingress_requests_total', by: ['namespace', 'ingress', 'service', 'code'] },
  { metric: 'portolan_ingress_request_duration_seconds_bucket', by: ['le'] },
  { metric: 'portolan_ingress_active_requests', by: [] },
  { metric: 'portolan_ingress_connections', by: [] },
  { metric: 'portolan_l4_connections_total', by: ['service'] },
  { metric: 'portolan_l4_connections_active', by: [] },
  { metric: 'portolan_l4_received_bytes_total', by: [] },
  { metric: 'portolan_l4_sent_bytes_total', by: [] },
  { metric: 'portolan_l4_rejected_total', by: [] },
  { metric: 'coredns_dns_responses_total', by: ['zone', 'rcode'] },
  { metric: 'coredns_dns_request_duration_seconds_bucket', by: ['le'] },
];

/** What one moment's sums are, by process: undefined for one that did not answer. */
export interface Reading {
  /** Monotonic. */
  readonly atMs: number;
  readonly byProcess: ReadonlyMap<number, readonly SumRow[] | undefined>;
}

/** How much each counter grew between two readings, and the levels at the second. */
export interface Growth {
  readonly seconds: number;
  /** Rows of counters: only of processes that answered both times, so that none runs backwards. */
  readonly grown: readonly SumRow[];
  /** Rows of levels, as of the second reading. */
  readonly levels: readonly SumRow[];
}

const levelMetrics: ReadonlySet<string> = new Set([
  'portolan_ingress_active_requests',
  'portolan_ingress_connections',
  'portolan_l4_connections_active',
]);

/** Compares two readings. A process that is new counts from nothing. */
export function growthBetween(before: Reading, after: Reading): Growth {
  const grown: SumRow[] = [];
  const levels: SumRow[] = [];
  for (const [process, rows] of after.byProcess) {
    if (rows === undefined) continue;
    const isKnown = before.byProcess.has(process);
    const old = before.byProcess.get(process);
    const valueBefore = new Map((old ?? []).map((row) => [keyOf(row), row.value]));
    for (const row of rows) {
      if (levelMetrics.has(row.metric)) levels.push(row);
      else if (!isKnown || old !== undefined) {
        const value = row.value - (valueBefore.get(keyOf(row)) ?? 0);
        // A bucket that did not grow still bounds the one above it.
        if (value > 0 || row.metric.endsWith('_bucket')) grown.push({ ...row, value });
      }
    }
  }
  return { seconds: Math.max(0.001, (after.atMs - before.atMs) / 1000), grown, levels };
}

function keyOf({ metric, labels }: SumRow): string {
  return [metric, ...labels].join('\u0000');
}
