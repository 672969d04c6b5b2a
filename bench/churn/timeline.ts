import { setTimeout as delay } from 'node:timers/promises';
import { appliedByAll, type BenchDaemon, planes } from '../daemon.ts';

/** When something was first seen. */
export interface Moment {
  readonly what: string;
  /** Since the watch began; undefined: not seen. */
  readonly afterMs: number | undefined;
}

/** Between two looks: asking without a pause would take the CPU from what is watched. */
const pauseMs = 1;
const answers = 'dns, as asked';

/**
 * Watches when every worker has a newer table of each plane than it had, and when DNS stops naming
 * an address: exact to a few milliseconds. Gives up after `timeoutMs`.
 */
export async function watchDrop(
  daemon: BenchDaemon,
  isNamed: () => Promise<boolean>,
  timeoutMs: number,
): Promise<readonly Moment[]> {
  const before = await daemon.applied();
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  const seen = new Map<string, number>();
  const watchTables = async (): Promise<void> => {
    while (since() < timeoutMs && !planes.every((plane) => seen.has(plane))) {
      const now = await daemon.applied();
      const afterMs = since();
      for (const plane of planes) {
        const isNewer = appliedByAll(now, plane) > appliedByAll(before, plane);
        if (isNewer && !seen.has(plane)) seen.set(plane, afterMs);
      }
      await delay(pauseMs);
    }
  };
  const watchNames = async (): Promise<void> => {
    while (since() < timeoutMs && !seen.has(answers)) {
      if (!(await isNamed())) seen.set(answers, since());
      await delay(pauseMs);
    }
  };
  await Promise.all([watchTables(), watchNames()]);
  return [...planes, answers].map((what) => ({ what, afterMs: seen.get(what) }));
}
