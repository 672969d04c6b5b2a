import { cpuSeconds } from '../l4/cpu-time.ts';
import { percentile, round } from '../statistics.ts';
import { textTable } from '../text-table.ts';
import type { Contender } from './contenders.ts';
import type { Rounds } from './row.ts';

/** What one contender did, per second of wall clock and per second of its CPU. */
export interface Result {
  readonly name: string;
  /** The median of the rounds. */
  readonly rate: number;
  /** Per second of CPU: what to go by on a machine that does other things too. */
  readonly perCpuSecond: number;
  readonly least: number;
  readonly greatest: number;
}

/** Makes load for so many seconds, and tells how much was done in all. */
type Work = (contender: Contender, seconds: number) => Promise<number>;

/** Not counted: until functions are compiled, and connections to the backend stand. */
const warmUpSec = 2;

/** Runs the contenders by turns, so that whatever else the machine does meets all alike. */
export async function runRounds(
  contenders: readonly Contender[],
  { count, seconds }: Rounds,
  work: Work,
): Promise<readonly Result[]> {
  const runs = contenders.map(() => ({ rates: [] as number[], perCpu: [] as number[] }));
  for (const contender of contenders) await work(contender, warmUpSec);
  for (let turn = 0; turn < count; turn += 1) {
    for (const [index, contender] of contenders.entries()) {
      const before = cpuSeconds(contender.pid);
      const done = await work(contender, seconds);
      const used = cpuSeconds(contender.pid) - before;
      runs[index]?.rates.push(done / seconds);
      runs[index]?.perCpu.push(done / used);
    }
  }
  return runs.map(({ rates, perCpu }, index) => ({
    name: contenders[index]?.name ?? '',
    rate: percentile(rates, 0.5),
    perCpuSecond: percentile(perCpu, 0.5),
    least: Math.min(...perCpu),
    greatest: Math.max(...perCpu),
  }));
}

/** What `subject` does per second of CPU, over what `baseline` does; NaN where one is missing. */
export function ratioOf(results: readonly Result[], subject: string, baseline: string): number {
  const of = (name: string): number =>
    results.find((one) => one.name === name)?.perCpuSecond ?? Number.NaN;
  return round(of(subject) / of(baseline), 2);
}

/** For people. */
export function resultTable(results: readonly Result[], baseline: string): string {
  return textTable(
    ['', 'rate', 'per CPU second', `of ${baseline}`],
    results.map(({ name, rate, perCpuSecond }) => [
      name,
      Math.round(rate),
      Math.round(perCpuSecond),
      ratioOf(results, name, baseline),
    ]),
  );
}
