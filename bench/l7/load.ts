import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readWrk } from '../l4/wrk.ts';
import type { Case } from './cases.ts';
import { type Contender, loadCpus, pin } from './contenders.ts';
import { readH2load } from './h2load.ts';

const run = promisify(execFile);

/** Runs a program on the core for loads. @throws Error if it does not end well */
export async function runLoad(command: readonly string[]): Promise<string> {
  const [file = '', ...args] = [...pin(loadCpus), ...command];
  const { stdout } = await run(file, args, { maxBuffer: 2 ** 26 });
  return stdout;
}

/** Load of that kind for so long: the rate, in the case's unit. */
export async function load(
  one: Case,
  { at, headers }: Contender,
  seconds: number,
  folder: string,
): Promise<number> {
  const { host, port } = at[one.scheme];
  const url = `${one.scheme}://${host}:${port}${one.path}`;
  const fields = [...one.headers, ...headers].flatMap((header) => ['-H', header]);
  if (one.streams !== undefined) {
    const shape = ['-t1', `-c${one.connections}`, `-m${one.streams}`, `-D${seconds}`];
    // As large as browsers have them: otherwise the client's windows are what is measured.
    const windows = ['-w24', '-W28'];
    const report = await runLoad(['h2load', ...shape, ...windows, ...fields, url]);
    return readH2load(report, one.unit);
  }
  const shape = ['-t1', `-c${one.connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const script = one.script === undefined ? [] : ['-s', join(folder, 'wrk.lua')];
  if (one.script !== undefined) writeFileSync(join(folder, 'wrk.lua'), one.script);
  return readWrk(await runLoad(['wrk', ...shape, ...script, ...fields, url]), one.unit);
}
