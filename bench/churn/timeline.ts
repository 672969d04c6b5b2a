import { appliedByAll, type BenchDaemon, planes } from '../daemon.ts';

/** When something was first seen, in milliseconds since the event. */
export interface Moment {
  readonly what: string;
  readonly afterMs: number;
}

/**
 * Watches, question after question, when each plane of each worker takes a newer table than it
 * had, and when DNS stops naming an address. Give up: after `timeoutMs`, with what was seen.
 */
export async function watchDrop(
  daemon: BenchDaemon,
  hasAddress: () => Promise<boolean>,
  timeoutMs: number,
): Promise<readonly Moment[]> {
  const before = await daemon.applied();
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  const moments = new Map<string, number>();
  const see = (what: string, isSo: boolean, afterMs: number): void => {
    if (isSo && !moments.has(what)) moments.set(what, afterMs);
  };
  const watchTables = async (): Promise<void> => {
    while (since() < timeoutMs && !planes.every((plane) => moments.has(plane))) {
      const now = await daemon.applied();
      const afterMs = since();
      for (const plane of planes) {
        const isNewer = appliedByAll(now, plane) > appliedByAll(before, plane);
        see(plane, isNewer && now.workers.length === before.workers.length, afterMs);
      }
    }
  };
  const watchNames = async (): Promise<void> => {
    while (since() < timeoutMs && !moments.has('dns answers')) {
      see('dns answers', !(await hasAddress()), since());
    }
  };
  await Promise.all([watchTables(), watchNames()]);
  return [...moments].map(([what, afterMs]) => ({ what, afterMs }));
}
