import type { BenchContext } from '../bench.ts';
import type { Outcome, Scenario } from '../churn/outcome.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { runClient } from './child.ts';
import { kubeconfigOf, startDaemon } from './scene.ts';

const barMs = 10;
/** The last is what the bar is about; those before show where time begins to be lost. */
const loads: readonly (readonly [watchers: number, changesPerSec: number])[] = [
  [100, 100],
  [1_000, 10],
  [1_000, 100],
];

interface Watched {
  readonly deliveriesMs: readonly number[];
  readonly changes: number;
  /** Watchers that got more or less than the first. */
  readonly unequal: number;
}

/** How long a change takes from the request that makes it to all who watch, each over TLS. */
export const watches: Scenario = {
  name: 'watches',
  async run({ quick, print }: BenchContext): Promise<Outcome> {
    await using daemon = await startDaemon();
    const kubeconfig = kubeconfigOf(daemon);
    const rows: { watchers: number; changesPerSec: number; p50Ms: number; p99Ms: number }[] = [];
    const failures: string[] = [];
    for (const [watchers, changesPerSec] of loads) {
      const args = [kubeconfig, watchers, changesPerSec, quick ? 2 : 10].map(String);
      const { deliveriesMs, unequal } = (await runClient('watch-client.ts', args)) as Watched;
      const p50Ms = round(percentile(deliveriesMs, 0.5));
      const p99Ms = round(percentile(deliveriesMs, 0.99));
      rows.push({ watchers, changesPerSec, p50Ms, p99Ms });
      if (unequal > 0) failures.push(`${unequal} of ${watchers} watchers did not get every change`);
    }
    const columns = ['watchers', 'changes/s', 'p50 ms', 'p99 ms'];
    print(
      `from a change's request to its watchers:\n${textTable(columns, rows.map(Object.values))}\n`,
    );
    const worst = rows.at(-1)?.p99Ms ?? 0;
    return {
      figures: { rows },
      failures,
      missed: worst > barMs ? [`${worst} ms to 1 000 watchers (p99), the bar is ${barMs}`] : [],
    };
  },
};
