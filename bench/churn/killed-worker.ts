import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { planes } from '../daemon.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { until } from '../until.ts';
import { binsText, failureBins, failuresAfter } from './bins.ts';
import { KeptConnections } from './kept-connections.ts';
import { host } from './manifest.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';
import { acceptedPorts } from './socket-owners.ts';

const keptEach = 40;
/** A worker should be back this soon. */
const backBarMs = 1_000;
/** Requests of the dead worker's connections fail at once; nothing may fail later than this. */
const graceMs = 1_000;

/** One of two worker processes is killed: only its own connections break, and it comes back. */
export const killedWorker: Scenario = { name: 'killed-worker', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(2);
  using l7 = await KeptConnections.open(scene.ingressAddress, host, keptEach);
  using l4 = await KeptConnections.open({ address: scene.clusterIP, port: 80 }, host, keptEach);
  const load = scene.startLoad();
  try {
    await delay(quick ? 500 : 1_500);
    const victim = (await scene.daemon.workerPids())[0] ?? 0;
    const kept = { l7, l4 };
    const owned = {
      l7: acceptedPorts(victim, l7.address, l7.port),
      l4: acceptedPorts(victim, l4.address, l4.port),
    };
    process.kill(victim, 'SIGKILL');
    const killedMs = performance.now();
    await until('the worker is replaced', async () => await isWhole(scene, victim));
    const backMs = performance.now() - killedMs;
    await delay(quick ? 1_500 : 3_000);
    print('\n(c) one of two workers killed with SIGKILL');
    print(`the next one had every table ${Math.round(backMs)} ms later (bar ${backBarMs})`);
    const failures: string[] = [];
    const rows: (string | number)[][] = [];
    for (const plane of ['l7', 'l4'] as const) {
      const cut = await compareCut(kept[plane], owned[plane]);
      const { succeeded, failed } = load[plane];
      const late = failuresAfter(failed, killedMs, graceMs);
      if (cut.others > 0)
        failures.push(`${plane}: ${cut.others} connections of the other worker broke`);
      if (late.length > 0) failures.push(`${plane}: ${late.length} requests failed after 1 s`);
      const when = binsText(failureBins(failed, killedMs));
      rows.push([plane, keptEach, cut.own, cut.broken, cut.others, succeeded, failed.length, when]);
    }
    const header = ['through', 'kept', 'its own', 'broke', 'others that broke'];
    print(textTable([...header, 'answered', 'failed', 'when'], rows));
    const missed = backMs > backBarMs ? [`worker back after ${round(backMs)} ms`] : [];
    return { figures: { backMs, load: rows }, failures, missed };
  } finally {
    load.l7.stop();
    load.l4.stop();
  }
}

/** Whether there are as many workers as before, the killed one not among them, all up to date. */
async function isWhole(scene: Scene, killed: number): Promise<boolean> {
  const { compiled, workers } = await scene.daemon.applied();
  return (
    workers.length === 2 &&
    workers.every(
      ({ pid, applied }) =>
        pid !== killed && planes.every((plane) => applied[plane] === compiled[plane]),
    )
  );
}

interface Cut {
  /** Connections that the dead worker had accepted. */
  readonly own: number;
  /** Of those, the ones that no longer answer. */
  readonly broken: number;
  /** Connections of others that no longer answer: there should be none. */
  readonly others: number;
}

async function compareCut(kept: KeptConnections, owned: ReadonlySet<number>): Promise<Cut> {
  const answers = await Promise.all(
    kept.all.map(async (one) => ({ isOwn: owned.has(one.localPort), isServed: await one.ask() })),
  );
  return {
    own: answers.filter(({ isOwn }) => isOwn).length,
    broken: answers.filter(({ isOwn, isServed }) => isOwn && !isServed).length,
    others: answers.filter(({ isOwn, isServed }) => !isOwn && !isServed).length,
  };
}
