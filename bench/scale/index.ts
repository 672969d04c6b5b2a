import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, BenchContext, BenchReport } from '../bench.ts';
import { BenchDaemon, ownServiceCidr, planes, residentMiB } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { changePair, fileCount, type ScaleOptions, writeScaleFolder } from '../scale-manifests.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { timeChange } from './change.ts';
import { between, readPropagation } from './propagation.ts';

/** Many Services from manifests: time to ready, memory, and how fast one change arrives. */
export const bench: Bench = {
  name: 'scale',
  summary: '10 000 Services × 4 endpoints: ready, memory, then 200 single changes',
  run,
};

const bars = { readyMs: 10_000, mainMiB: 400, propagationMs: 20 } as const;
const workers = 2;
/** Changes come one by one, as an editor or a rollout makes them. */
const pauseMs = 20;

async function run(context: BenchContext): Promise<BenchReport> {
  const options: ScaleOptions = {
    services: context.quick ? 1_000 : 10_000,
    endpoints: 4,
    perFile: 50,
  };
  const changes = context.quick ? 40 : 200;
  await using resources = new AsyncDisposableStack();
  const folder = join(resources.use(temporaryFolder()).path, 'manifests');
  const bytes = writeScaleFolder(folder, options);
  const files = fileCount(options);
  context.print(
    `${options.services} Services × ${options.endpoints} endpoints in ${files} files, ` +
      `${round(bytes / 2 ** 20)} MiB; ${workers} workers\n`,
  );
  const flags = ['-f', folder, '--service-cidr', ownServiceCidr(), '--workers', `${workers}`];
  const daemon = resources.use(await BenchDaemon.start(flags));
  const memory = await readMemory(daemon);
  context.print(`ready after ${Math.round(daemon.readyMs)} ms (bar ${bars.readyMs})\n`);
  context.print(`${memoryTable(memory)}\n`);

  const before = await readPropagation(daemon);
  const tookMs: number[] = [];
  for (let change = 0; change < changes; change += 1) {
    const write = (): void =>
      changePair(folder, change % files, options, Math.floor(change / files));
    tookMs.push(await timeChange(daemon, write));
    await delay(pauseMs);
  }
  const after = await readPropagation(daemon);
  const writeToEverywhere = { p50Ms: percentile(tookMs, 0.5), p99Ms: percentile(tookMs, 0.99) };
  const storeToLastWorker = planes.map((plane) => ({ plane, ...between(before, after, plane) }));
  const { p50Ms, p99Ms } = writeToEverywhere;
  context.print(`${changes} changes of one endpoint:`);
  context.print(
    textTable(
      ['from → until', 'count', 'p50', 'p99'],
      [
        ...storeToLastWorker.map((one) => [
          `store → last worker, ${one.plane}`,
          one.count,
          `≤ ${one.p50UpToMs} ms`,
          `≤ ${one.p99UpToMs} ms`,
        ]),
        ['file written → every plane', changes, `${round(p50Ms)} ms`, `${round(p99Ms)} ms`],
      ],
    ),
  );
  context.print(`\nmemory after the changes:\n${memoryTable(await readMemory(daemon))}\n`);
  const missed = missedBars({ readyMs: daemon.readyMs, memory, storeToLastWorker });
  const figures = {
    ...options,
    readyMs: Math.round(daemon.readyMs),
    memory,
    storeToLastWorker,
    writeToEverywhere,
  };
  return { figures, failures: [], missed };
}

interface Memory {
  readonly process: string;
  readonly nowMiB: number;
  readonly peakMiB: number;
}

async function readMemory(daemon: BenchDaemon): Promise<readonly Memory[]> {
  const pids = [daemon.pid, ...(await daemon.workerPids())];
  return pids.map((pid, index) => {
    const { now, peak } = residentMiB(pid);
    const process = index === 0 ? 'main' : `worker ${index}`;
    return { process, nowMiB: Math.round(now), peakMiB: Math.round(peak) };
  });
}

function memoryTable(memory: readonly Memory[]): string {
  return textTable(
    ['resident', 'now', 'peak'],
    memory.map(({ process, nowMiB, peakMiB }) => [process, `${nowMiB} MiB`, `${peakMiB} MiB`]),
  );
}

function missedBars(measured: {
  readonly readyMs: number;
  readonly memory: readonly Memory[];
  readonly storeToLastWorker: readonly { readonly plane: string; readonly p99UpToMs: number }[];
}): readonly string[] {
  const missed: string[] = [];
  const readyMs = Math.round(measured.readyMs);
  if (readyMs > bars.readyMs) missed.push(`ready after ${readyMs} ms, the bar is ${bars.readyMs}`);
  const mainMiB = measured.memory[0]?.nowMiB ?? 0;
  if (mainMiB > bars.mainMiB) missed.push(`main is ${mainMiB} MiB, the bar is ${bars.mainMiB}`);
  for (const { plane, p99UpToMs } of measured.storeToLastWorker) {
    if (p99UpToMs <= bars.propagationMs) continue;
    missed.push(`${plane}: p99 up to ${p99UpToMs} ms, the bar is ${bars.propagationMs}`);
  }
  return missed;
}
