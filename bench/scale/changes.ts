import { setTimeout as delay } from 'node:timers/promises';
import { type BenchDaemon, type PlaneName, planes } from '../daemon.ts';
import { changePair, fileCount, type ScaleOptions } from '../scale-manifests.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { timeChange } from './change.ts';
import { between, type PropagationShares, readPropagation } from './propagation.ts';

/** Between two changes: they come one by one, as an editor or a rollout makes them. */
const pauseMs = 20;

/** How long single changes took. */
export interface Changes {
  readonly count: number;
  /** As the daemon's own histogram has it. */
  readonly storeToLastWorker: readonly (PropagationShares & { readonly plane: PlaneName })[];
  /** From just before the write of a file, as seen from outside. */
  readonly fileToEverywhere: { readonly p50Ms: number; readonly p99Ms: number };
}

/** Moves one endpoint after the other, each in another file, and waits for each. */
export async function makeChanges(
  daemon: BenchDaemon,
  folder: string,
  options: ScaleOptions,
  count: number,
): Promise<Changes> {
  const files = fileCount(options);
  const before = await readPropagation(daemon);
  const tookMs: number[] = [];
  for (let change = 0; change < count; change += 1) {
    const write = (): void =>
      changePair(folder, change % files, options, Math.floor(change / files));
    tookMs.push(await timeChange(daemon, write));
    await delay(pauseMs);
  }
  const after = await readPropagation(daemon);
  return {
    count,
    storeToLastWorker: planes.map((plane) => ({ plane, ...between(before, after, plane) })),
    fileToEverywhere: {
      p50Ms: round(percentile(tookMs, 0.5)),
      p99Ms: round(percentile(tookMs, 0.99)),
    },
  };
}

export function changesTable({ count, storeToLastWorker, fileToEverywhere }: Changes): string {
  const rows = storeToLastWorker.map((one) => [
    `store → last worker, ${one.plane}`,
    one.count,
    `≤ ${one.p50UpToMs} ms`,
    `≤ ${one.p99UpToMs} ms`,
  ]);
  const { p50Ms, p99Ms } = fileToEverywhere;
  const file = ['file written → every plane', count, `${p50Ms} ms`, `${p99Ms} ms`];
  return textTable(['from → until', 'count', 'p50', 'p99'], [...rows, file]);
}
