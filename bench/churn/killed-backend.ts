import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { binsText, type LoadSummary, summarise } from './load-summary.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';
import { type Moment, watchDrop } from './timeline.ts';

/** With one check a second, one failure to take out, and room for a busy machine. */
const graceMs = 2_000;

/** One of three backends is killed: how long clients notice, and when each plane does. */
export const killedBackend: Scenario = { name: 'killed-backend', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(3);
  const loads = scene.startLoad();
  try {
    await delay(quick ? 500 : 2_000);
    const victim = scene.pods[0];
    if (!victim) throw new Error('no backend to kill');
    const isNamed = async (): Promise<boolean> => await scene.names.has(victim.address);
    const dropping = watchDrop(scene.daemon, isNamed, graceMs + 1_000);
    victim.kill();
    const killedMs = performance.now();
    const moments = await dropping;
    await delay(Math.max(0, killedMs + (quick ? 3_000 : 6_000) - performance.now()));
    const load = summarise(loads, killedMs, graceMs);
    print(
      `(a) one of three backends killed with SIGKILL, checked once a second\n${loadTable(load)}`,
    );
    print(`\nuntil every worker had dropped it:\n${momentsTable(moments)}`);
    return { figures: { load, moments }, failures: judge(load, moments), missed: [] };
  } finally {
    loads.l7.stop();
    loads.l4.stop();
  }
}

function judge(load: readonly LoadSummary[], moments: readonly Moment[]): readonly string[] {
  const late = load
    .filter(({ failedLate }) => failedLate > 0)
    .map(({ through, failedLate }) => `${through}: ${failedLate} requests failed after 2 s`);
  const undropped = moments
    .filter(({ afterMs }) => afterMs === undefined)
    .map(({ what }) => `${what} did not drop it`);
  return [...late, ...undropped];
}

function loadTable(load: readonly LoadSummary[]): string {
  return textTable(
    ['through', 'answered', 'failed', 'after 2 s', 'when'],
    load.map((one) => [one.through, one.answered, one.failed, one.failedLate, binsText(one)]),
  );
}

function momentsTable(moments: readonly Moment[]): string {
  return textTable(
    ['plane', 'after the kill'],
    moments.map(({ what, afterMs }) => [
      what,
      afterMs === undefined ? 'never' : `${round(afterMs)} ms`,
    ]),
  );
}
