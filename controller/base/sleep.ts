import type { Clock } from './clock.ts';

/** Resolves after `delayMs`, or at once when `signal` aborts: whoever loops looks at it anyway. */
export async function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const due = Promise.withResolvers<void>();
  const wake = (): void => due.resolve();
  using _timer = clock.schedule(delayMs, wake);
  signal.addEventListener('abort', wake);
  await due.promise;
  // Or a signal that lives as long as the process would gather one listener for each sleep.
  signal.removeEventListener('abort', wake);
}
