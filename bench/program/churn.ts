import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Bed, type Engine } from './bed.ts';
import type { LoadCount } from './client.ts';
import { type ClusterSize, liveServiceIP, servicePort } from './cluster.ts';
import type { Churn, Memory } from './subject.ts';

/** Many changes a second, while clients connect to a Service that does not change. */
export interface ChurnFigures extends Churn, LoadCount {
  readonly engine: Engine;
  /** Before, and after each part of the changes. */
  readonly memory: readonly Memory[];
  /** What a second plane would write afterwards. */
  readonly left: number;
}

/**
 * Shares of the changes, between which memory is looked at. A look collects garbage, so the first
 * half goes without: its peak is that of a daemon left alone.
 */
const parts: readonly number[] = [1 / 2, 1 / 6, 1 / 6, 1 / 6];

/**
 * What may be kept more at the end than by half of the changes: history holds 10 000 to 20 000 of
 * them, which is 10 MiB of difference. Of 30 000 more, 400 bytes kept of each are too much.
 */
const growthBarMiB = 12;

export async function measureChurn(
  engine: Engine,
  size: ClusterSize,
  perSecond: number,
  seconds: number,
): Promise<ChurnFigures> {
  await using bed = new Bed();
  const { subject } = await bed.start(engine, { ...size, version: 0 });
  const client = await bed.startTraffic();
  await client.ask({ kind: 'load', host: liveServiceIP, port: servicePort, lanes: 4 });
  const churns: Churn[] = [];
  const memory = [await subject.ask<Memory>({ kind: 'memory' })];
  for (const share of parts) {
    churns.push(await subject.ask<Churn>({ kind: 'churn', perSecond, seconds: seconds * share }));
    memory.push(await subject.ask<Memory>({ kind: 'memory' }));
  }
  const load = await client.ask<LoadCount>({ kind: 'stop' });
  const left = await subject.ask<number>({ kind: 'verify' });
  return { engine, ...together(churns), memory, ...load, left };
}

/** Of each engine whose kept memory did not level off. */
export function grewOn(rows: readonly ChurnFigures[]): readonly string[] {
  return rows.flatMap(({ engine, memory: [, half, ...later] }) => {
    const grownMiB = Math.max(...later.map(({ heapMiB }) => heapMiB)) - (half?.heapMiB ?? 0);
    return grownMiB > growthBarMiB
      ? [`${engine}: ${round(grownMiB, 0)} MiB more are kept after the second half of the churn`]
      : [];
  });
}

function together(churns: readonly Churn[]): Churn {
  const sum = (of: (churn: Churn) => number): number =>
    churns.reduce((total, churn) => total + of(churn), 0);
  return {
    changes: sum(({ changes }) => changes),
    tookMs: sum(({ tookMs }) => tookMs),
    cpuSec: sum(({ cpuSec }) => cpuSec),
    settledMs: Math.max(...churns.map(({ settledMs }) => settledMs)),
  };
}

export function churnTable(rows: readonly ChurnFigures[]): string {
  const churn = textTable(
    ['churn', 'changes/s', 'of a core', 'behind ms', 'connections', 'failed'],
    rows.map((row) => [
      row.engine,
      round((row.changes / row.tookMs) * 1000, 0),
      round(row.cpuSec / (row.tookMs / 1000), 2),
      round(row.settledMs, 0),
      row.succeeded,
      row.failures.length,
    ]),
  );
  const memory = textTable(
    ['kept after collection', 'changes', 'heap MiB', 'outside it', 'resident', 'peak'],
    rows.flatMap((row) =>
      row.memory.map(({ heapMiB, externalMiB, residentMiB, peakMiB }, part) => [
        row.engine,
        Math.round(row.changes * parts.slice(0, part).reduce((sum, share) => sum + share, 0)),
        round(heapMiB, 1),
        round(externalMiB, 1),
        round(residentMiB, 0),
        round(peakMiB, 0),
      ]),
    ),
  );
  return `${churn}\n${memory}`;
}
