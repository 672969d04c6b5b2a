/** `npm run check`: everything that can be judged without running the product, worst cost last. */
import { spawnSync } from 'node:child_process';

const steps: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['format', 'biome', ['format', '.']],
  ['types', 'tsc', ['-p', '.']],
  ['page types', 'tsc', ['-p', 'daemon/dashboard/assets']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', '.']],
  ['unused', 'knip', []],
  ['layers', 'node', ['--test', 'test/layers.test.ts']],
  ['docs', 'node', ['docs/generate.ts', '--check']],
];

let failed = 0;
for (const [name, command, args] of steps) {
  const started = performance.now();
  const run = spawnSync(command, args, { encoding: 'utf8' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const ok = run.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
  if (!ok) {
    failed += 1;
    console.log(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ? String(run.error) : ''}`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
