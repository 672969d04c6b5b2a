import { join } from 'node:path';
import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { temporaryFolder } from '../leftovers.ts';
import { runLoad, writeUntilKilled } from './script.ts';

/** SIGKILL in the middle of writes, again and again: what was acknowledged must be found. */
export const killed: Scenario = {
  name: 'killed',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    using folder = temporaryFolder();
    const path = join(folder.path, 'store.db');
    const rounds = quick ? 5 : 200;
    let acknowledged = 0;
    let missing = 0;
    for (let round = 0; round < rounds; round += 1) {
      // At ever other moments of a commit.
      const names = await writeUntilKilled(path, `r${round}`, 20 + ((round * 37) % 211));
      const found = runLoad(['find', path], names.join('\n')) as { readonly missing: number };
      acknowledged += names.length;
      missing += found.missing;
    }
    print(`SIGKILL ${rounds} times: ${acknowledged} writes acknowledged, ${missing} not found\n`);
    return {
      figures: { rounds, acknowledged, missing },
      failures: missing > 0 ? [`${missing} acknowledged writes were lost`] : [],
      missed: [],
    };
  },
};
