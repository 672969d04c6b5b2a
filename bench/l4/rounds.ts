import { percentile } from '../statistics.ts';
import type { Case } from './cases.ts';
import { cpuSeconds } from './cpu-time.ts';
import type { Address } from './peer.ts';
import { wrk } from './wrk.ts';

/** A proxy under load. */
export interface Contender {
  readonly name: string;
  readonly at: Address;
  /** The process whose CPU time is read: the one that carries the traffic. */
  readonly pid: number;
}

/** What one contender did in one case. */
export interface Result {
  readonly name: string;
  /** In the case's unit: the median of the runs, and the least and the greatest. */
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  /** The case's unit times seconds, per second of CPU: says more than the rate on a busy machine. */
  readonly perCpuSecond: number;
}

/** How often and how long, and where wrk runs. */
export interface Rounds {
  readonly count: number;
  readonly seconds: number;
  readonly loadCpus: string | undefined;
}

/** Runs the contenders by turns, so that whatever else the machine does meets all alike. */
export async function runCase(
  one: Case,
  contenders: readonly Contender[],
  { count, seconds, loadCpus }: Rounds,
): Promise<readonly Result[]> {
  const runs = contenders.map(() => ({ rates: [] as number[], perCpu: [] as number[] }));
  for (let round = 0; round < count; round += 1) {
    for (const [index, { at, pid }] of contenders.entries()) {
      const before = cpuSeconds(pid);
      const rate = await wrk(one, at, seconds, loadCpus);
      const used = cpuSeconds(pid) - before;
      runs[index]?.rates.push(rate);
      runs[index]?.perCpu.push((rate * seconds) / used);
    }
  }
  return runs.map(({ rates, perCpu }, index) => ({
    name: contenders[index]?.name ?? '',
    median: percentile(rates, 0.5),
    least: Math.min(...rates),
    greatest: Math.max(...rates),
    perCpuSecond: percentile(perCpu, 0.5),
  }));
}
