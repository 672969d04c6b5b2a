import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { binsText, failureBins } from './bins.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';

/**
 * A connection through the ClusterIP stays with its backend until it ends. Real clients' do, by
 * and by; without this the old backends would never be idle.
 */
const reconnectAfter = 20;

/** Every backend is replaced, one after the other: no client may notice. */
export const rollingReplacement: Scenario = { name: 'rolling-replacement', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(3);
  const load = scene.startLoad({ reconnectAfter });
  try {
    await delay(quick ? 300 : 1_000);
    const startedMs = performance.now();
    for (const old of scene.pods.slice()) {
      await scene.addPod();
      await scene.withdrawPod(old);
      await old.stop();
    }
    const tookMs = performance.now() - startedMs;
    await delay(1_500);
    print(`\n(b) all three backends replaced, one after the other, in ${round(tookMs / 1_000)} s`);
    const failures: string[] = [];
    const rows = Object.entries(load).map(([plane, { succeeded, failed }]) => {
      const [first] = failed;
      if (first) failures.push(`${plane}: ${failed.length} requests failed, first ${first.reason}`);
      return [plane, succeeded, failed.length, binsText(failureBins(failed, startedMs))];
    });
    print(textTable(['through', 'answered', 'failed', 'when'], rows));
    return { figures: { tookMs, load: rows }, failures, missed: [] };
  } finally {
    load.l7.stop();
    load.l4.stop();
  }
}
