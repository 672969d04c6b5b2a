import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { residentMiB } from '../daemon.ts';
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
    await using daemon = await startDaemon();
    const kubeconfig = kubeconfigOf(daemon);
    await runClient('load.ts', ['create', kubeconfig, 'slice', '16', `${count}`]);
    await runClient('load.ts', ['create', kubeconfig, 'service', '16', `${count}`]);
    const filledMiB = residentMiB(daemon.pid).now;
    const answer = await runClient('load.ts', ['list', kubeconfig, quick ? '5' : '20']);
    const { latenciesMs, bytes } = answer as Requests & { readonly bytes: number };
    const { now, peak } = residentMiB(daemon.pid);
    const figures = {
      services: count,
      listMs: round(percentile(latenciesMs, 0.5)),
      firstListMs: round(latenciesMs[0] ?? 0),
      listMiB: round(bytes / 2 ** 20),
      residentMiB: round(now),
      filledMiB: round(filledMiB),
      peakMiB: round(peak),
    };
    print(
      `list of ${count} Services (${figures.listMiB} MiB): ${figures.listMs} ms, ` +
        `the first ${figures.firstListMs} ms\n` +
        `main process with them and 4 endpoints each: ${figures.filledMiB} MiB, ` +
        `after the lists ${figures.residentMiB} MiB, peak ${figures.peakMiB} MiB\n`,
    );
    const slow = figures.listMs > barListMs;
    const large = figures.filledMiB > barMiB;
    return {
      figures,
      failures: [],
      missed: [
        ...(slow ? [`a list takes ${figures.listMs} ms, the bar is ${barListMs}`] : []),
        ...(large ? [`${figures.filledMiB} MiB in all, the bar is ${barMiB} for the API`] : []),
      ],
    };
  },
};
