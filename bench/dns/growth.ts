import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { appliedByAll, BenchDaemon, residentMiB } from '../daemon.ts';
import { changePair, writeScaleFolder } from '../scale-manifests.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { until } from '../until.ts';
import type { Case } from './case.ts';
import { dnsperf } from './dnsperf.ts';
import { dnsAddress, type Scene, startDaemon } from './scene.ts';

/** Two workers against one, where there are cores for them and for the load. */
export const workers: Case = async (scene) => {
  if (availableParallelism() < 4) {
    return { figures: {}, leftOut: ['workers: two workers and their load take four cores'] };
  }
  const corefile = '.:53 {\n kubernetes cluster.local\n}\n';
  const rates: number[] = [];
  for (const count of [1, 2]) {
    const options = { corefile, services: scene.services, workers: count };
    const at = dnsAddress(await startDaemon(scene, options));
    const { list, seconds } = scene;
    rates.push((await dnsperf(at, { mode: 'udp', list, seconds, threads: 2 })).perSecond);
  }
  const [one = Number.NaN, two = 0] = rates;
  const ratio = round(two / one, 2);
  scene.context.print(
    textTable(
      ['workers', 'queries/s'],
      [
        ['one', Math.round(one)],
        ['two', Math.round(two)],
      ],
    ),
  );
  return {
    figures: { one, two },
    missed: ratio < 1.8 ? [`workers: ${ratio}, the bar is 1.8`] : [],
  };
};

interface Grown {
  readonly daemon: BenchDaemon;
  readonly folder: string;
}

async function grown(scene: Scene, services: number): Promise<Grown> {
  const folder = join(scene.folder, `scale-${services}`);
  mkdirSync(folder);
  if (services > 0) writeScaleFolder(folder, { services, endpoints: 10, perFile: 100 });
  else writeFileSync(join(folder, 'none.yaml'), '');
  const flags = ['-f', folder, '--workers', '1', '--proxy-mode', 'none'];
  return { daemon: scene.resources.use(await BenchDaemon.start(flags)), folder };
}

/** From the store to every worker, over all changes so far, in seconds. */
async function propagation(daemon: BenchDaemon): Promise<{ sum: number; count: number }> {
  const text = String(await daemon.admin('/metrics'));
  const read = (what: string): number => {
    const pattern = `^portolan_table_propagation_seconds_${what}\\{[^}]*plane="dns"[^}]*\\} (\\S+)$`;
    return Number(new RegExp(pattern, 'm').exec(text)?.[1] ?? 0);
  };
  return { sum: read('sum'), count: read('count') };
}

/** Memory of the worker that answers, and how soon it answers a change in the store. */
export const memory: Case = async (scene) => {
  const { context } = scene;
  const services = context.quick ? 500 : 10_000;
  const options = { services, endpoints: 10, perFile: 100 };
  const workerMiB = async ({ daemon }: Grown): Promise<number> => {
    const [pid = 0] = await daemon.workerPids();
    return residentMiB(pid).now;
  };
  const empty = await workerMiB(await grown(scene, 0));
  const full = await grown(scene, services);
  const more = (await workerMiB(full)) - empty;
  const before = await propagation(full.daemon);
  for (let i = 0; i < (context.quick ? 3 : 10); i += 1) {
    const { compiled } = await full.daemon.applied();
    changePair(full.folder, i % 5, options, Math.floor(i / 5));
    await until('the change is answered', async () => {
      const now = await full.daemon.applied();
      return now.compiled.dns > compiled.dns && appliedByAll(now, 'dns') >= now.compiled.dns;
    });
  }
  const after = await propagation(full.daemon);
  const changeMs = (1000 * (after.sum - before.sum)) / (after.count - before.count);
  context.print(
    textTable(
      [`${services} Services, ${services * 10} endpoints`, 'MiB more', 'change to answer, mean ms'],
      [['worker', round(more), round(changeMs, 2)]],
    ),
  );
  const missed = [
    ...(more > 250 ? [`memory: ${round(more)} MiB, the bar is 250`] : []),
    ...(changeMs > 10 ? [`a change took ${round(changeMs)} ms to be answered, the bar is 10`] : []),
  ];
  return { figures: { services, moreMiB: more, changeMs }, missed };
};
