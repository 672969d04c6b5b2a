import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Bed, type Engine } from './bed.ts';
import type { LoadCount } from './client.ts';
import { type ClusterSize, liveServiceIP, servicePort } from './cluster.ts';
import type { Churn } from './subject.ts';

/** Many changes a second, while clients connect to a Service that does not change. */
export interface ChurnFigures extends Churn, LoadCount {
  readonly engine: Engine;
  /** What a second plane would write afterwards. */
  readonly left: number;
}

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
  const churn = await subject.ask<Churn>({ kind: 'churn', perSecond, seconds });
  const load = await client.ask<LoadCount>({ kind: 'stop' });
  const left = await subject.ask<number>({ kind: 'verify' });
  return { engine, ...churn, ...load, left };
}

export function churnTable(rows: readonly ChurnFigures[]): string {
  return textTable(
    [
      'churn',
      'changes/s',
      'of a core',
      'MiB before',
      'after',
      'behind ms',
      'connections',
      'failed',
    ],
    rows.map((row) => [
      row.engine,
      round((row.changes / row.tookMs) * 1000, 0),
      round(row.cpuSec / (row.tookMs / 1000), 2),
      round(row.residentMiB[0], 0),
      round(row.residentMiB[1], 0),
      round(row.settledMs, 0),
      row.succeeded,
      row.failures.length,
    ]),
  );
}
