import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { planes } from '../daemon.ts';
import { textTable } from '../text-table.ts';
import { until } from '../until.ts';
import { KeptConnections } from './kept-connections.ts';
import { binsText, summarise } from './load-summary.ts';
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
  using l4 = await KeptConnections.open(scene.clusterAddress, host, keptEach);
  const kept = { l7, l4 };
  const loads = scene.startLoad();
  try {
    await delay(quick ? 500 : 1_500);
    const victim = (await scene.daemon.workerPids())[0] ?? 0;
    const owned = {
      l7: acceptedPorts(victim, l7.address, l7.port),
      l4: acceptedPorts(victim, l4.address, l4.port),
    };
    process.kill(victim, 'SIGKILL');
    const killedMs = performance.now();
    await until('the worker is replaced', async () => await isWhole(scene, victim));
    const backMs = Math.round(performance.now() - killedMs);
    await delay(quick ? 1_500 : 3_000);
    print('\n(c) one of two workers killed with SIGKILL');
    print(`the next one had every table ${backMs} ms later (bar ${backBarMs})`);
    const results: Result[] = [];
    for (const load of summarise(loads, killedMs, graceMs)) {
      results.push({ ...load, ...(await countCut(kept[load.through], owned[load.through])) });
    }
    print(resultTable(results));
    const missed = backMs > backBarMs ? [`a worker was back after ${backMs} ms`] : [];
    return { figures: { backMs, results }, failures: results.flatMap(judge), missed };
  } finally {
    loads.l7.stop();
    loads.l4.stop();
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
  /** Kept connections that the dead worker had accepted. */
  readonly own: number;
  /** Of those, the ones that no longer answer. */
  readonly ownCut: number;
  /** Connections of the other worker that no longer answer: there should be none. */
  readonly othersCut: number;
}

async function countCut(kept: KeptConnections, owned: ReadonlySet<number>): Promise<Cut> {
  const answers = await Promise.all(
    kept.all.map(async (one) => ({ isOwn: owned.has(one.localPort), isServed: await one.ask() })),
  );
  return {
    own: answers.filter(({ isOwn }) => isOwn).length,
    ownCut: answers.filter(({ isOwn, isServed }) => isOwn && !isServed).length,
    othersCut: answers.filter(({ isOwn, isServed }) => !isOwn && !isServed).length,
  };
}

type Result = ReturnType<typeof summarise>[number] & Cut;

function judge({ through, othersCut, failedLate }: Result): readonly string[] {
  return [
    ...(othersCut > 0 ? [`${through}: ${othersCut} connections of the other worker broke`] : []),
    ...(failedLate > 0 ? [`${through}: ${failedLate} requests failed after 1 s`] : []),
  ];
}

function resultTable(results: readonly Result[]): string {
  return textTable(
    ['through', 'kept', 'its own', 'cut', 'others cut', 'answered', 'failed', 'when'],
    results.map((one) => [
      one.through,
      keptEach,
      one.own,
      one.ownCut,
      one.othersCut,
      one.answered,
      one.failed,
      binsText(one),
    ]),
  );
}
