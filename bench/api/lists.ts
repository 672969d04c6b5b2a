import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { residentMiB } from '../daemon.ts';
import { temporaryFolder } from '../leftovers.ts';
import { percentile, round } from '../statistics.ts';
import { type Requests, runClient } from './child.ts';
import { kubeconfigOf, startDaemon } from './scene.ts';

const barListMs = 250;
const barMiB = 300;

/** All Services at once, and what holding them, and four endpoints of each, takes. */
export const lists: Scenario = {
  name: 'lists',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    const count = quick ? 1_000 : 10_000;
    using folder = temporaryFolder();
    const dataDir = join(folder.path, 'data');
    const filledMiB = await fill(dataDir, count);
    // Started again, it holds what it must, and no garbage of how that came to be.
    await using daemon = await startDaemon(dataDir);
    const kubeconfig = kubeconfigOf(daemon);
    const heldMiB = residentMiB(daemon.pid).now;
    const answer = await runClient('load.ts', ['list', kubeconfig, quick ? '5' : '20']);
    const { latenciesMs, bytes } = answer as Requests & { readonly bytes: number };
    const { now, peak } = residentMiB(daemon.pid);
    const figures = {
      services: count,
      listMs: round(percentile(latenciesMs, 0.5)),
      firstListMs: round(latenciesMs[0] ?? 0),
      listMiB: round(bytes / 2 ** 20),
      filledMiB: round(filledMiB),
      heldMiB: round(heldMiB),
      afterListsMiB: round(now),
      peakMiB: round(peak),
    };
    print(
      `list of ${count} Services (${figures.listMiB} MiB): ${figures.listMs} ms, ` +
        `the first ${figures.firstListMs} ms\n` +
        `main process with them and 4 endpoints each: ${figures.filledMiB} MiB when all were made, ` +
        `${figures.heldMiB} started again, ${figures.afterListsMiB} after the lists ` +
        `(peak ${figures.peakMiB})\n`,
    );
    const slow = figures.listMs > barListMs;
    const large = figures.heldMiB > barMiB;
    return {
      figures,
      failures: [],
      missed: [
        ...(slow ? [`a list takes ${figures.listMs} ms, the bar is ${barListMs}`] : []),
        ...(large ? [`${figures.heldMiB} MiB in all, the bar is ${barMiB} for the API`] : []),
      ],
    };
  },
};

/** Makes the objects; the main process's memory by then, in MiB. */
async function fill(dataDir: string, count: number): Promise<number> {
  await using daemon = await startDaemon(dataDir);
  const kubeconfig = kubeconfigOf(daemon);
  await runClient('load.ts', ['create', kubeconfig, 'slice', '16', `${count}`]);
  await runClient('load.ts', ['create', kubeconfig, 'service', '16', `${count}`]);
  return residentMiB(daemon.pid).now;
}
