import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { temporaryFolder } from '../leftovers.ts';
import { runLoad } from './script.ts';

/** Beyond what a full history and the collector's own pace explain. */
const barGrowthMiB = 60;

/** Memory over many changes of the same objects: history is bounded, so it must level off. */
export const memory: Scenario = {
  name: 'memory',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    using folder = temporaryFolder();
    const count = quick ? 20_000 : 100_000;
    const { memoryMiB } = runLoad(['change', join(folder.path, 'store.db'), `${count}`]) as {
      readonly memoryMiB: readonly number[];
    };
    print(`resident MiB over ${count} changes: ${memoryMiB.join(' ')}\n`);
    // By half of them the history has been full for long.
    const growth = Math.max(...memoryMiB.slice(5)) - (memoryMiB[5] ?? 0);
    return {
      figures: { count, memoryMiB, growthInSecondHalfMiB: growth },
      failures: [],
      missed: growth > barGrowthMiB ? [`grew by ${growth} MiB in the second half`] : [],
    };
  },
};
