import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { cpuSeconds } from '../l4/cpu-time.ts';
import type { Rounds } from '../l4/rounds.ts';
import { readWrk } from '../l4/wrk.ts';
import { readH2load } from './h2load.ts';
import { percentile } from '../statistics.ts';
import type { Case } from './cases.ts';
import type { ProxyAddresses } from './nginx.ts';

const run = promisify(execFile);

/** A proxy under load. */
export interface Contender {
  readonly name: string;
  readonly at: ProxyAddresses;
  /** The process that carries the traffic. */
  readonly pid: number;
  /** What it needs in each request, such as a Host that it has a route for. */
  readonly headers?: readonly string[];
  /** It takes part in the cases of HTTP/2, too. */
  readonly http2?: boolean;
  /** The only case that it takes part in; undefined: all. */
  readonly only?: string;
}

/** What one contender did in one case, in the case's unit: medians of the rounds. */
export interface Result {
  readonly name: string;
  readonly rate: number;
  /** The same per second of CPU: what to go by on a machine that does other things too. */
  readonly perCpuSecond: number;
}

/** How often, how long and on which CPUs, and where wrk's scripts may lie. */
interface L7Rounds extends Rounds {
  readonly scriptFile: string;
}

/** Runs the contenders by turns, so that whatever else the machine does meets all alike. */
export async function runCase(
  one: Case,
  contenders: readonly Contender[],
  rounds: L7Rounds,
): Promise<readonly Result[]> {
  const taking = contenders.filter(
    ({ only, http2 }) =>
      (only === undefined || only === one.name) && (one.streams === undefined || http2 === true),
  );
  const runs = taking.map(() => ({ rates: [] as number[], perCpu: [] as number[] }));
  // Not counted: until functions are compiled and connections to the backend stand.
  for (const contender of taking) await load(one, contender, { ...rounds, seconds: 1 });
  for (let round = 0; round < rounds.count; round += 1) {
    for (const [index, contender] of taking.entries()) {
      const before = cpuSeconds(contender.pid);
      const rate = await load(one, contender, rounds);
      const used = cpuSeconds(contender.pid) - before;
      runs[index]?.rates.push(rate);
      runs[index]?.perCpu.push((rate * rounds.seconds) / used);
    }
  }
  return runs.map(({ rates, perCpu }, index) => ({
    name: taking[index]?.name ?? '',
    rate: percentile(rates, 0.5),
    perCpuSecond: percentile(perCpu, 0.5),
  }));
}

async function load(one: Case, { at, headers }: Contender, rounds: L7Rounds): Promise<number> {
  const pin = rounds.loadCpus === undefined ? [] : ['taskset', '-c', rounds.loadCpus];
  const { host, port } = at[one.scheme];
  const url = `${one.scheme}://${host}:${port}${one.path}`;
  if (one.streams !== undefined) return loadHttp2(one, one.streams, [...pin], url, rounds.seconds);
  const fields = [...one.headers, ...(headers ?? [])].flatMap((header) => ['-H', header]);
  const shape = ['-t1', `-c${one.connections}`, `-d${rounds.seconds}s`, '--timeout', '10s'];
  const script = one.script === undefined ? [] : ['-s', rounds.scriptFile];
  if (one.script !== undefined) writeFileSync(rounds.scriptFile, one.script);
  const command = [...pin, 'wrk', ...shape, ...script, ...fields, url];
  const [file = ''] = command;
  const { stdout } = await run(file, command.slice(1));
  return readWrk(stdout, one.unit);
}

async function loadHttp2(
  one: Case,
  streams: number,
  pin: readonly string[],
  url: string,
  seconds: number,
): Promise<number> {
  const shape = ['-t1', `-c${one.connections}`, `-m${streams}`, `-D${seconds}`];
  // As large as browsers have them: otherwise the client's windows are what is measured.
  const windows = ['-w24', '-W28'];
  const command = [...pin, 'h2load', ...shape, ...windows, url];
  const [file = ''] = command;
  const { stdout } = await run(file, command.slice(1));
  return readH2load(stdout, one.unit);
}
