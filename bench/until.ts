import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks. */
const pauseMs = 2;

/**
 * Looks again until `condition` holds.
 * @throws Error that names `what` when it does not within `timeoutMs`
 */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs: number = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`gave up after ${timeoutMs} ms: ${what}`);
    await delay(pauseMs);
  }
}
