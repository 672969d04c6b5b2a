import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { residentMiB } from '../daemon.ts';
import { runClient } from './child.ts';
import { kubeconfigOf, startDaemon } from './scene.ts';

/** Beyond what a full history and the collector's own pace explain. */
const barGrowthMiB = 60;
const samples = 10;

/** Memory of the main process over many changes through the API: it must level off. */
export const memory: Scenario = {
  name: 'memory',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    const count = quick ? 5_000 : 100_000;
    await using daemon = await startDaemon();
    const memoryMiB = [Math.round(residentMiB(daemon.pid).now)];
    for (let n = 0; n < samples; n += 1) {
      const args = ['change', kubeconfigOf(daemon), '16', `${count / samples}`];
      await runClient('load.ts', args);
      memoryMiB.push(Math.round(residentMiB(daemon.pid).now));
    }
    print(`resident MiB over ${count} changes through the API: ${memoryMiB.join(' ')}\n`);
    const half = samples / 2;
    const growth = Math.max(...memoryMiB.slice(half)) - (memoryMiB[half] ?? 0);
    return {
      figures: { count, memoryMiB, growthInSecondHalfMiB: growth },
      failures: [],
      missed: growth > barGrowthMiB ? [`grew by ${growth} MiB in the second half`] : [],
    };
  },
};
