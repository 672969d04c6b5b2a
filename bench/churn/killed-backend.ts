import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { binsText, failureBins, failuresAfter } from './bins.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';
import { watchDrop } from './timeline.ts';

/** With one check a second, one failure to take out, and room for a busy machine. */
const graceMs = 2_000;

/** One of three backends is killed: how long clients notice, and when each plane does. */
export const killedBackend: Scenario = { name: 'killed-backend', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(3);
  const load = scene.startLoad();
  try {
    await delay(quick ? 500 : 2_000);
    const victim = scene.pods[0];
    if (!victim) throw new Error('no backend to kill');
    const dropping = watchDrop(
      scene.daemon,
      async () => await scene.names.has(victim.address),
      graceMs + 1_000,
    );
    victim.kill();
    const killedMs = performance.now();
    const moments = await dropping;
    await delay(Math.max(0, killedMs + (quick ? 3_000 : 6_000) - performance.now()));
    print('(a) one of three backends killed with SIGKILL, checked once a second');
    const failures: string[] = [];
    const rows = Object.entries(load).map(([plane, { succeeded, failed }]) => {
      const late = failuresAfter(failed, killedMs, graceMs);
      if (late.length > 0) failures.push(`${plane}: ${late.length} requests failed after 2 s`);
      return [
        plane,
        succeeded,
        failed.length,
        late.length,
        binsText(failureBins(failed, killedMs)),
      ];
    });
    print(textTable(['through', 'answered', 'failed', 'after 2 s', 'when'], rows));
    print('\nmilliseconds after the kill until every worker had dropped it:');
    print(
      textTable(
        ['plane', 'ms'],
        moments.map(({ what, afterMs }) => [what, round(afterMs)]),
      ),
    );
    const expected = ['l4', 'dns', 'ingress', 'dns answers'];
    for (const what of expected) {
      if (!moments.some((one) => one.what === what)) failures.push(`${what} did not drop it`);
    }
    return { figures: { moments, load: rows }, failures, missed: [] };
  } finally {
    load.l7.stop();
    load.l4.stop();
  }
}
