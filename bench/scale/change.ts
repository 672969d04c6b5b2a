import { setTimeout as delay } from 'node:timers/promises';
import { type Applied, appliedByAll, type BenchDaemon, planes } from '../daemon.ts';

/** Longer than any change takes unless it is lost. */
const timeoutMs = 10_000;
/** Between two questions: asking without a pause would take the CPU from what is measured. */
const pauseMs = 1;

/** Whether every worker has something newer of every plane than there was. */
function isEverywhere(before: Applied, now: Applied): boolean {
  return planes.every(
    (plane) =>
      now.compiled[plane] > before.compiled[plane] &&
      appliedByAll(now, plane) >= now.compiled[plane],
  );
}

/**
 * Milliseconds from just before `write` until every plane of every worker has the change, found by
 * asking again and again: exact to about two milliseconds.
 * @throws Error when it does not arrive
 */
export async function timeChange(daemon: BenchDaemon, write: () => void): Promise<number> {
  const before = await daemon.applied();
  const started = performance.now();
  write();
  for (;;) {
    const now = await daemon.applied();
    const tookMs = performance.now() - started;
    if (isEverywhere(before, now)) return tookMs;
    if (tookMs > timeoutMs) {
      throw new Error(`a change did not arrive: ${JSON.stringify({ before, now })}`);
    }
    await delay(pauseMs);
  }
}
