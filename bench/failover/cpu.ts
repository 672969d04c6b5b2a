import { readFileSync } from 'node:fs';
import { Bed } from './bed.ts';
import { startPortolan } from './products.ts';

const secondsMeasured = 10;

/** What many virtual routers cost, Active and Backup, in percent of one core. */
export async function measureLoad(
  routers: number,
  intervalMs: number,
): Promise<{ readonly active: number; readonly backup: number }> {
  using bed = new Bed();
  const first = startPortolan(bed, 1, 200, intervalMs, routers);
  const second = startPortolan(bed, 2, 100, intervalMs, routers);
  // Until both have elected and announced.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  const [active = Number.NaN, backup = Number.NaN] = await Promise.all(
    [first, second].map(({ pid = 0 }) => cpuPercent(pid)),
  );
  return { active, backup };
}

/** Share of one core that a process and its threads used while we wait, in percent. */
async function cpuPercent(pid: number): Promise<number> {
  const ticks = (): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = ticks();
  await new Promise((resolve) => setTimeout(resolve, secondsMeasured * 1000));
  // A tick is 10 ms: a hundred a second, so that ticks a second are percent.
  return (ticks() - before) / secondsMeasured;
}
