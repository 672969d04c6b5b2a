import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Case } from './cases.ts';
import type { Address } from './peer.ts';

const run = promisify(execFile);

/**
 * One run of wrk against `at`, in the unit of the case.
 * @throws Error if wrk does not end well or counted failed requests
 */
export async function wrk(
  one: Case,
  { host, port }: Address,
  seconds: number,
  cpus: string | undefined,
): Promise<number> {
  const pin = cpus === undefined ? [] : ['taskset', '-c', cpus];
  const headers = one.headers.flatMap((header) => ['-H', header]);
  const shape = ['-t1', `-c${one.connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const command = [...pin, 'wrk', ...shape, ...headers, `http://${host}:${port}${one.path}`];
  const [file = '', ...args] = command;
  const { stdout } = await run(file, args);
  return readWrk(stdout, one.unit);
}

/** The figure of `unit` in wrk's report. @throws Error if it reports failures or has no figure */
export function readWrk(report: string, unit: Case['unit']): number {
  const failure = /^ *(?:Socket errors|Non-2xx).*$/m.exec(report)?.[0];
  if (failure !== undefined) throw new Error(`wrk: ${failure.trim()}`);
  if (unit !== 'MiB/s') {
    const rate = /^Requests\/sec: +([\d.]+)$/m.exec(report)?.[1];
    if (rate === undefined) throw new Error(`wrk reported no rate: ${report}`);
    return Number(rate);
  }
  const [, size, scale] = /^Transfer\/sec: +([\d.]+)([KMG]?B)$/m.exec(report) ?? [];
  const mebibytes = { B: 1 / 2 ** 20, KB: 1 / 1024, MB: 1, GB: 1024 }[scale ?? ''];
  if (size === undefined || mebibytes === undefined) {
    throw new Error(`wrk reported no transfer rate: ${report}`);
  }
  return Number(size) * mebibytes;
}
