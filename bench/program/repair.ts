import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { Bed, type Engine } from './bed.ts';
import type { LoadCount } from './client.ts';
import { type ClusterSize, liveServiceIP, servicePort } from './cluster.ts';

/** A restart under load, and rules flushed by hand. */
export interface RepairFigures extends LoadCount {
  readonly engine: Engine;
  readonly services: number;
  /** Transactions that the second start wrote. */
  readonly restartWrites: number;
  /** Connections that were refused or hung while the process was killed and started again. */
  readonly restartMs: number;
  /** From the flush until a connection works again. */
  readonly repairMs: number;
}

const target = { host: liveServiceIP, port: servicePort } as const;

export async function measureRepair(engine: Engine, size: ClusterSize): Promise<RepairFigures> {
  await using bed = new Bed();
  const job = { ...size, version: 0 };
  const first = await bed.start(engine, job);
  const client = await bed.startTraffic();
  await client.ask({ kind: 'load', ...target, lanes: 8 });
  await first.subject.kill();
  const second = await bed.start(engine, job);
  const load = await client.ask<LoadCount>({ kind: 'stop' });
  flush(bed, engine);
  const repairMs = await client.ask<number>({ kind: 'until', ...target, timeoutMs: 60_000 });
  return {
    engine,
    services: size.services,
    ...load,
    restartWrites: second.writes,
    restartMs: second.coldMs,
    repairMs,
  };
}

/** As somebody would by mistake. */
function flush(bed: Bed, engine: Engine): void {
  if (engine === 'nftables') bed.run('nft', 'flush', 'ruleset');
  else bed.run(engine, '-t', 'nat', '-F');
}

export function repairTable(rows: readonly RepairFigures[]): string {
  return textTable(
    [
      'killed and flushed',
      'Services',
      'adopted ms',
      'writes',
      'connections',
      'failed',
      'flush repaired ms',
    ],
    rows.map((row) => [
      row.engine,
      row.services,
      round(row.restartMs, 0),
      row.restartWrites,
      row.succeeded,
      row.failures.length,
      round(row.repairMs, 0),
    ]),
  );
}
