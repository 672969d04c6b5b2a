import { readFileSync } from 'node:fs';

/** Ticks per second of the times in proc(5): USER_HZ, 100 on every Linux that Node runs on. */
const ticksPerSec = 100;

/** CPU time that a process has used, its threads' and the kernel's for it among it, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in parentheses, and may hold spaces; utime and stime are 14, 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSec;
}
