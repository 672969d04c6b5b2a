/**
 * `npm test [-- PATH ...]`: runs every `*.test.ts` below `test/` (or below the paths given) with
 * node's own runner. Exits as it does.
 */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';

const paths = process.argv.slice(2);
const roots = paths.length > 0 ? paths : ['test'];
const files = roots
  .flatMap((root) => (statSync(root).isDirectory() ? globSync(`${root}/**/*.test.ts`) : [root]))
  .toSorted();

const run = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-timeout=120000', ...files],
  { stdio: 'inherit' },
);
process.exitCode = run.status ?? 1;
