import { readFileSync } from 'node:fs';
import { type BenchDaemon, residentMiB } from '../daemon.ts';
import { cpuSeconds } from '../l4/cpu-time.ts';
import { textTable } from '../text-table.ts';

/** What one process of the daemon has taken so far. */
export interface ProcessUse {
  readonly process: string;
  readonly nowMiB: number;
  readonly peakMiB: number;
  readonly cpuSec: number;
  /** How long its main thread could have run but had no CPU: what others on the machine cost. */
  readonly waitedSec: number;
}

/** The main process first, then the workers. */
export async function readProcesses(daemon: BenchDaemon): Promise<readonly ProcessUse[]> {
  const pids = [daemon.pid, ...(await daemon.workerPids())];
  return pids.map((pid, index) => {
    const { now, peak } = residentMiB(pid);
    return {
      process: index === 0 ? 'main' : `worker ${index}`,
      nowMiB: Math.round(now),
      peakMiB: Math.round(peak),
      cpuSec: cpuSeconds(pid),
      waitedSec: waitedSeconds(pid),
    };
  });
}

/** The second figure of `/proc/PID/schedstat`: nanoseconds spent waiting on a run queue. */
function waitedSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e9;
}

export function processTable(processes: readonly ProcessUse[]): string {
  return textTable(
    ['process', 'resident', 'peak', 'CPU time', 'waited for CPU'],
    processes.map(({ process, nowMiB, peakMiB, cpuSec, waitedSec }) => [
      process,
      `${nowMiB} MiB`,
      `${peakMiB} MiB`,
      `${cpuSec.toFixed(2)} s`,
      `${waitedSec.toFixed(2)} s`,
    ]),
  );
}
