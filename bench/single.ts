import type { MeasuredContender } from './bench.ts';

/** A contender that was measured once. */
export function single(name: string, value: number): MeasuredContender {
  return { name, median: value, least: value, greatest: value };
}
