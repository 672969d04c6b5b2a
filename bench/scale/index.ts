import { join } from 'node:path';
import type { Bench, BenchContext, BenchReport, Measurement } from '../bench.ts';
import { BenchDaemon, ownServiceCidr } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { fileCount, type ScaleOptions, writeScaleFolder } from '../scale-manifests.ts';
import { single } from '../single.ts';
import { round } from '../statistics.ts';
import { type Changes, changesTable, makeChanges } from './changes.ts';
import { type ProcessUse, processTable, readProcesses } from './processes.ts';

/** Many Services from manifests: time to ready, memory, and how fast one change arrives. */
export const bench: Bench = {
  name: 'scale',
  summary: '10 000 Services × 4 endpoints: ready, memory, then 200 single changes',
  run,
};

const bars = { readyMs: 10_000, mainMiB: 400, propagationMs: 20 } as const;
const workers = 2;

async function run(context: BenchContext): Promise<BenchReport> {
  const { quick, print } = context;
  const options: ScaleOptions = { services: quick ? 1_000 : 10_000, endpoints: 4, perFile: 50 };
  await using resources = new AsyncDisposableStack();
  const folder = join(resources.use(temporaryFolder()).path, 'manifests');
  const bytes = writeScaleFolder(folder, options);
  print(
    `${options.services} Services × ${options.endpoints} endpoints in ${fileCount(options)} ` +
      `files, ${round(bytes / 2 ** 20)} MiB; ${workers} workers\n`,
  );
  const flags = ['-f', folder, '--service-cidr', ownServiceCidr(), '--workers', `${workers}`];
  const daemon = resources.use(await BenchDaemon.start(flags));
  const readyMs = Math.round(daemon.readyMs);
  const atReady = await readProcesses(daemon);
  print(`ready after ${readyMs} ms (bar ${bars.readyMs})\n\n${processTable(atReady)}\n`);

  const changes = await makeChanges(daemon, folder, options, quick ? 40 : 200);
  const afterChanges = await readProcesses(daemon);
  print(`${changes.count} changes of one endpoint:\n${changesTable(changes)}\n`);
  print(`${processTable(afterChanges)}\n`);
  return {
    figures: { ...options, readyMs, atReady, changes, afterChanges },
    measurements: measurementsOf(options.services, readyMs, changes),
    failures: [],
    missed: missedBars(readyMs, atReady, changes),
  };
}

function measurementsOf(
  services: number,
  readyMs: number,
  { storeToLastWorker, fileToEverywhere }: Changes,
): readonly Measurement[] {
  const what = `${services} Services`;
  const own = (title: string, contenders: Measurement['contenders']): Measurement => ({
    title,
    unit: 'ms',
    better: 'less',
    contenders,
  });
  return [
    own(`${what}: until ready`, [single('portolan', readyMs)]),
    own(`${what}: one change in force, p99 up to`, [
      ...storeToLastWorker.map(({ plane, p99UpToMs }) => single(`store → ${plane}`, p99UpToMs)),
      single('file → everywhere', fileToEverywhere.p99Ms),
    ]),
  ];
}

function missedBars(
  readyMs: number,
  [main]: readonly ProcessUse[],
  { storeToLastWorker }: Changes,
): readonly string[] {
  const missed: string[] = [];
  if (readyMs > bars.readyMs) missed.push(`ready after ${readyMs} ms, the bar is ${bars.readyMs}`);
  const mainMiB = main?.nowMiB ?? 0;
  if (mainMiB > bars.mainMiB) missed.push(`main is ${mainMiB} MiB, the bar is ${bars.mainMiB}`);
  for (const { plane, p99UpToMs } of storeToLastWorker) {
    if (p99UpToMs <= bars.propagationMs) continue;
    missed.push(`${plane}: p99 up to ${p99UpToMs} ms, the bar is ${bars.propagationMs}`);
  }
  return missed;
}
