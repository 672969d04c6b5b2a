import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { cases } from './cases.ts';
import { addressesOf, type Contender, startPortolan } from './contenders.ts';
import { load } from './load.ts';
import { backendYaml, oneRouteYaml } from './manifest.ts';
import type { Row } from './row.ts';

/** Two for the workers, one for the load, one for the backend. */
const leastCores = 4;
const bar = 1.8;

/** Two workers against one, of the same daemon, in requests per second of wall clock. */
export const twoWorkers: Row = {
  id: 'workers',
  async measure({ bench, scene, rounds }) {
    const cores = availableParallelism();
    const [kept] = cases;
    if (cores < leastCores || kept === undefined) {
      const leftOut = `two workers against one: they, the load and the backend need ${leastCores} cores, here are ${cores}`;
      return { figures: { cores }, measurements: [], missed: [], leftOut };
    }
    const manifest = join(scene.folder, 'workers.yaml');
    writeFileSync(manifest, `${backendYaml(scene.backend)}---\n${oneRouteYaml()}`);
    const rates: number[][] = [[], []];
    // Cores 0 and 1 are the load's and the backend's.
    for (const [index, cpus] of ['2', '2,3'].entries()) {
      await using daemon = await startPortolan(manifest, 'wire', index + 1, cpus);
      const at: Contender = {
        name: 'wire',
        at: addressesOf(daemon),
        pid: daemon.pid,
        headers: [],
      };
      await load(kept, at, 1, scene.folder);
      for (let turn = 0; turn < rounds.count; turn += 1) {
        rates[index]?.push(await load(kept, at, rounds.seconds, scene.folder));
      }
    }
    const [one = [], two = []] = rates;
    const ratio = round(percentile(two, 0.5) / percentile(one, 0.5), 2);
    const rows = rates.map((all, index) => [
      `${index + 1}`,
      ...[percentile(all, 0.5), Math.min(...all), Math.max(...all)].map(Math.round),
    ]);
    bench.print(`two workers against one: ${ratio} (bar ${bar})`);
    bench.print(`${textTable(['workers', 'requests/s', 'least', 'greatest'], rows)}\n`);
    return {
      figures: { ratio, one, two },
      measurements: [
        {
          title: 'L7: workers',
          unit: 'requests/s',
          better: 'more',
          baseline: 'one worker',
          bar,
          contenders: [
            { name: 'one worker', ...spread(one) },
            { name: 'two workers', ...spread(two) },
          ],
        },
      ],
      missed: ratio < bar ? [`two workers make ${ratio} of one, the bar is ${bar}`] : [],
    };
  },
};

function spread(values: readonly number[]): { median: number; least: number; greatest: number } {
  return {
    median: percentile(values, 0.5),
    least: Math.min(...values),
    greatest: Math.max(...values),
  };
}
