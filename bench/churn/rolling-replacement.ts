import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from '../bench.ts';
import { round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import { binsText, summarise } from './load-summary.ts';
import type { Outcome, Scenario } from './outcome.ts';
import { Scene } from './scene.ts';

/**
 * A connection through the ClusterIP stays with its backend until it ends. Real clients' do, by
 * and by; without this the old backends would never be idle.
 */
const reconnectAfter = 20;
/** What is lost at the very end needs this long to show. */
const afterglowMs = 1_500;

/** Every backend is replaced, one after the other: no client may notice. */
export const rollingReplacement: Scenario = { name: 'rolling-replacement', run };

async function run({ quick, print }: BenchContext): Promise<Outcome> {
  await using scene = await Scene.start(3);
  const loads = scene.startLoad({ reconnectAfter });
  try {
    await delay(quick ? 300 : 1_000);
    const startedMs = performance.now();
    for (const old of scene.pods.slice()) {
      await scene.addPod();
      await scene.withdrawPod(old);
      await old.stop();
    }
    const tookSec = round((performance.now() - startedMs) / 1_000);
    await delay(afterglowMs);
    loads.l7.stop();
    loads.l4.stop();
    const load = summarise(loads, startedMs, 0);
    print(`\n(b) all three backends replaced, one after the other, in ${tookSec} s`);
    const rows = load.map((one) => [one.through, one.answered, one.failed, binsText(one)]);
    print(textTable(['through', 'answered', 'failed', 'when'], rows));
    const reasons = [...loads.l7.failed, ...loads.l4.failed].map(({ reason }) => reason);
    const failures = [...new Set(reasons)].map((reason) => `a request failed: ${reason}`);
    return { figures: { tookSec, load }, failures, missed: [] };
  } finally {
    loads.l7.stop();
    loads.l4.stop();
  }
}
