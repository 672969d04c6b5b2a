/**
 * Milliseconds of the kernel's monotonic clock: unlike `performance.now()`, which counts from the
 * start of a thread, the same in all threads.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
