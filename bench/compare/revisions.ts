import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchArguments } from '../arguments.ts';
import type { Measurement } from '../bench.ts';
import { temporaryFolder } from '../leftovers.ts';
import { readResults } from '../result-file.ts';
import { textTable } from '../text-table.ts';
import { type Change, compareRuns } from './changes.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));

/** Odd, so that there is a median; more would not fit the patience of people. */
const turns = 3;
const quickTurns = 1;

/**
 * Runs one benchmark at another revision and in this tree by turns, on this machine, and prints
 * what changed. Exit status 1 when something became slower by more than the runs scatter.
 */
export async function compareRevisions(asked: BenchArguments, revision: string): Promise<number> {
  using folder = temporaryFolder();
  const there = join(folder.path, 'tree');
  checkOut(revision, there);
  try {
    const before: (readonly Measurement[])[] = [];
    const after: (readonly Measurement[])[] = [];
    const count = asked.quick ? quickTurns : turns;
    for (let turn = 1; turn <= count; turn += 1) {
      console.log(`turn ${turn} of ${count}: ${revision}`);
      before.push(runAt(there, asked, join(folder.path, 'before.json')));
      console.log(`turn ${turn} of ${count}: this tree`);
      after.push(runAt(here, asked, join(folder.path, 'after.json')));
    }
    const changes = compareRuns(before, after);
    console.log(`\n${changesTable(changes, revision)}`);
    return changes.some(({ verdict }) => verdict === 'worse') ? 1 : 0;
  } finally {
    execFileSync('git', ['-C', here, 'worktree', 'remove', '--force', there]);
  }
}

function checkOut(revision: string, folder: string): void {
  execFileSync('git', ['-C', here, 'worktree', 'add', '--detach', folder, revision], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const lock = 'package-lock.json';
  const sameModules =
    readFileSync(join(folder, lock), 'utf8') === readFileSync(join(here, lock), 'utf8');
  if (sameModules && existsSync(join(here, 'node_modules'))) {
    symlinkSync(join(here, 'node_modules'), join(folder, 'node_modules'));
    return;
  }
  console.log(`${revision} has other dependencies: npm ci`);
  execFileSync('npm', ['ci', '--silent'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
}

function runAt(
  tree: string,
  { names, only, quick }: BenchArguments,
  file: string,
): readonly Measurement[] {
  const flags = [...names, ...only, ...(quick ? ['--quick'] : []), '--json', file];
  const command = [join(tree, 'bench/main.ts'), ...flags];
  const { status } = spawnSync(process.execPath, command, {
    cwd: tree,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`the benchmark did not work in ${tree}: exit status ${status}`);
  return readResults(file).runs.flatMap(({ measurements = [] }) => measurements);
}

function changesTable(changes: readonly Change[], revision: string): string {
  if (changes.length === 0) return 'Nothing that both revisions measure.';
  return textTable(
    ['', 'unit', revision, 'this tree', 'ratio', ''],
    changes.map(({ title, unit, before, after, ratio, verdict }) => [
      title,
      unit,
      Math.round(before),
      Math.round(after),
      ratio.toFixed(2),
      verdict,
    ]),
  );
}
