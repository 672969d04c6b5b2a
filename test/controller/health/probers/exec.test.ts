import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { createExecProber, execRunner } from '../../../../controller/health/probers/exec.ts';
import type { Verdict } from '../../../../controller/health/prober.ts';

const never = new AbortController().signal;
const prober = createExecProber(execRunner);
const script = (source: string): readonly string[] => [process.execPath, '-e', source];

const cases: readonly (readonly [name: string, command: readonly string[], verdict: Verdict])[] = [
  ['exit 0', script(''), { kind: 'healthy' }],
  ['exit 3', script('process.exit(3)'), { kind: 'unhealthy', reason: 'exit code 3' }],
  [
    'ended by a signal',
    script('process.kill(process.pid, "SIGKILL")'),
    { kind: 'unhealthy', reason: 'ended by a signal' },
  ],
  [
    'a lot of output is no trouble',
    script('for (let i = 0; i < 1e3; i++) process.stdout.write("x".repeat(1e4))'),
    { kind: 'healthy' },
  ],
  [
    'no shell reads the arguments',
    [
      process.execPath,
      '-e',
      'process.exit(process.argv[1] === "$HOME; exit 1" ? 0 : 1)',
      '$HOME; exit 1',
    ],
    { kind: 'healthy' },
  ],
];

for (const [name, command, verdict] of cases) {
  test(`exec probe: ${name}`, async () => {
    deepEqual(await prober.probe({ kind: 'exec', command }, never), verdict);
  });
}

test('exec probe: no such program', async () => {
  const verdict = await prober.probe({ kind: 'exec', command: ['/no/such/program'] }, never);
  deepEqual(verdict, {
    kind: 'unhealthy',
    reason: 'could not be started: spawn /no/such/program ENOENT',
  });
});

test('exec probe: aborting ends the program', async () => {
  const attempt = new AbortController();
  const command = script('setInterval(() => {}, 1000)');
  const probe = prober.probe({ kind: 'exec', command }, attempt.signal);
  attempt.abort();
  equal((await probe).kind, 'unhealthy');
});
