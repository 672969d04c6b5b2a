import { readFileSync, writeFileSync } from 'node:fs';
import type { BenchReport } from './bench.ts';
import type { Machine } from './machine.ts';

/** What `--json` writes and the report page is made from. */
export interface ResultFile {
  readonly startedAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** Versions of the programs that took part, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly runs: readonly BenchRun[];
}

export interface BenchRun extends BenchReport {
  readonly bench: string;
  readonly summary: string;
  readonly tookSeconds: number;
}

export function writeResults(file: string, results: ResultFile): void {
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** Reads what `writeResults` wrote. */
export function readResults(file: string): ResultFile {
  return JSON.parse(readFileSync(file, 'utf8')) as ResultFile;
}
