import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { temporaryFolder } from '../leftovers.ts';
import { runLoad } from './script.ts';

/** Beyond what the fill of the history explains: of 150 000 changes, 50 bytes kept of each. */
const barGrowthMiB = 8;

/** Memory over many changes of the same objects: history is bounded, so it must level off. */
export const memory: Scenario = {
  name: 'memory',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    using folder = temporaryFolder();
    const count = quick ? 20_000 : 300_000;
    const { memoryMiB, heapMiB } = runLoad([
      'change',
      join(folder.path, 'store.db'),
      `${count}`,
    ]) as {
      readonly memoryMiB: readonly number[];
      readonly heapMiB: readonly number[];
    };
    print(`kept over ${count} changes, resident MiB: ${memoryMiB.join(' ')}\n`);
    print(`of it on the heap: ${heapMiB.join(' ')}\n`);
    // By half of them the history has been full for long.
    const growth = Math.max(...memoryMiB.slice(5)) - (memoryMiB[5] ?? 0);
    return {
      figures: { count, memoryMiB, heapMiB, growthInSecondHalfMiB: growth },
      failures: [],
      missed: growth > barGrowthMiB ? [`grew by ${growth} MiB in the second half`] : [],
    };
  },
};
