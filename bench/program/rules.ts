import type { Measurement } from '../bench.ts';
import { single } from '../single.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Bed, type Engine } from './bed.ts';
import type { ClusterSize } from './cluster.ts';
import type { Changes } from './subject.ts';
import { upstreamIptables, upstreamNft } from './upstream-shape.ts';

/** How long programming took. */
export interface RulesFigures extends ClusterSize {
  readonly engine: Engine;
  readonly coldMs: number;
  /** The same Services as upstream shapes them, in the same run; undefined: left out. */
  readonly upstreamMs: number | undefined;
  readonly changeP50Ms: number;
  readonly changeP99Ms: number;
  /** What a second plane would write after all that: 0 if the kernel has what it should. */
  readonly left: number;
}

/** From nothing, then one changed endpoint after another. */
export async function measureRules(
  engine: Engine,
  size: ClusterSize,
  changes: number,
  withUpstream: boolean,
): Promise<RulesFigures> {
  const upstreamMs = withUpstream ? await measureUpstream(engine, size) : undefined;
  await using bed = new Bed();
  const { coldMs, subject } = await bed.start(engine, { ...size, version: 0 });
  const { timesMs } = await subject.ask<Changes>({ kind: 'changes', count: changes });
  const left = await subject.ask<number>({ kind: 'verify' });
  return {
    engine,
    ...size,
    coldMs,
    upstreamMs,
    changeP50Ms: percentile(timesMs, 0.5),
    changeP99Ms: percentile(timesMs, 0.99),
    left,
  };
}

async function measureUpstream(engine: Engine, size: ClusterSize): Promise<number> {
  await using bed = new Bed();
  if (engine === 'nftables') return await bed.timed(upstreamNft(size), 'nft', '-f', '-');
  return await bed.timed(upstreamIptables(size), `${engine}-restore`, '--noflush');
}

export function rulesTable(rows: readonly RulesFigures[]): string {
  return textTable(
    ['rules', 'Services', 'cold s', "upstream's shape s", 'ratio', 'one change p50 ms', 'p99 ms'],
    rows.map((row) => [
      row.engine,
      `${row.services} x ${row.endpoints}`,
      round(row.coldMs / 1000, 2),
      row.upstreamMs === undefined ? '-' : round(row.upstreamMs / 1000, 2),
      row.upstreamMs === undefined ? '-' : round(row.upstreamMs / row.coldMs),
      round(row.changeP50Ms),
      round(row.changeP99Ms),
    ]),
  );
}

/** Cold starts beside upstream's shape, and changes, for the report page. */
export function rulesMeasurements(rows: readonly RulesFigures[]): readonly Measurement[] {
  return rows.flatMap(({ engine, services, endpoints, coldMs, upstreamMs, changeP99Ms }) => {
    const size = `${services} × ${endpoints}`;
    const upstream = "upstream's shape";
    return [
      {
        title: `${engine}: ${size} from nothing`,
        unit: 'ms',
        better: 'less' as const,
        ...(upstreamMs !== undefined && { baseline: upstream }),
        contenders: [
          ...(upstreamMs === undefined ? [] : [single(upstream, upstreamMs)]),
          single('portolan', coldMs),
        ],
      },
      {
        title: `${engine}: one change at ${size}, p99`,
        unit: 'ms',
        better: 'less' as const,
        contenders: [single('portolan', changeP99Ms)],
      },
    ];
  });
}

interface Bars {
  readonly coldMs?: number;
  readonly changeMs: number;
  readonly ratio?: number;
}

/** At 10 000 Services of 4 endpoints. */
const usualBars: Readonly<Record<Engine, Bars>> = {
  nftables: { coldMs: 2_500, changeMs: 15, ratio: 15 },
  'iptables-nft': { changeMs: 150, ratio: 4 },
  'iptables-legacy': { coldMs: 1_500, changeMs: 150 },
};
/** At 44 000 of 2. */
const largeBars: Bars = { coldMs: 15_000, changeMs: 25 };

/** Bars that were missed; those of other sizes do not count. */
export function missedRules(rows: readonly RulesFigures[]): readonly string[] {
  return rows.flatMap((row) => {
    const isUsual = row.services === 10_000 && row.endpoints === 4;
    const isLarge = row.services === 44_000 && row.endpoints === 2;
    if (!isUsual && !isLarge) return [];
    const bars = isLarge ? largeBars : usualBars[row.engine];
    const ratio = row.upstreamMs === undefined ? undefined : row.upstreamMs / row.coldMs;
    const what = `${row.engine}, ${row.services} Services`;
    const missed: string[] = [];
    if (bars.coldMs !== undefined && row.coldMs > bars.coldMs) {
      missed.push(`${what}: cold in ${round(row.coldMs)} ms, the bar is ${bars.coldMs}`);
    }
    if (row.changeP99Ms > bars.changeMs) {
      missed.push(`${what}: a change in ${round(row.changeP99Ms)} ms, the bar is ${bars.changeMs}`);
    }
    if (bars.ratio !== undefined && ratio !== undefined && ratio < bars.ratio) {
      missed.push(`${what}: ${round(ratio)} times upstream's shape, the bar is ${bars.ratio}`);
    }
    return missed;
  });
}
