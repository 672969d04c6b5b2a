import type { BenchDaemon, PlaneName } from '../daemon.ts';

/** Observations of one plane by upper bound in seconds, cumulative, as Prometheus writes them. */
type Buckets = ReadonlyMap<number, number>;

/** What `portolan_table_propagation_seconds` held at one moment. */
export type PropagationSnapshot = ReadonlyMap<PlaneName, Buckets>;

const line = /^portolan_table_propagation_seconds_bucket\{(?<labels>[^}]*)\} (?<count>\d+)/gm;

export async function readPropagation(daemon: BenchDaemon): Promise<PropagationSnapshot> {
  const text = String(await daemon.admin('/metrics'));
  const snapshot = new Map<PlaneName, Map<number, number>>();
  for (const { groups } of text.matchAll(line)) {
    const plane = /plane="(l4|dns|ingress)"/.exec(groups?.['labels'] ?? '')?.[1];
    const bound = /le="([^"]+)"/.exec(groups?.['labels'] ?? '')?.[1];
    if (plane === undefined || bound === undefined) continue;
    const key = plane as PlaneName;
    const buckets = snapshot.get(key) ?? new Map<number, number>();
    buckets.set(
      bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound),
      Number(groups?.['count']),
    );
    snapshot.set(key, buckets);
  }
  return snapshot;
}

/** How long the changes between two snapshots took: upper bounds, as a histogram can say no more. */
export interface PropagationShares {
  readonly count: number;
  readonly p50UpToMs: number;
  readonly p99UpToMs: number;
}

export function between(
  before: PropagationSnapshot,
  after: PropagationSnapshot,
  plane: PlaneName,
): PropagationShares {
  const earlier = before.get(plane);
  const grown = [...(after.get(plane) ?? [])]
    .map(([bound, count]) => [bound, count - (earlier?.get(bound) ?? 0)] as const)
    .toSorted(([a], [b]) => a - b);
  const count = grown.at(-1)?.[1] ?? 0;
  const upTo = (share: number): number =>
    (grown.find(([, below]) => below >= share * count)?.[0] ?? Number.NaN) * 1_000;
  return { count, p50UpToMs: upTo(0.5), p99UpToMs: upTo(0.99) };
}
