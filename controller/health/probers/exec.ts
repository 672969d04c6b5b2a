import { execa } from 'execa';
import type { ExecTarget, Prober, Verdict } from '../prober.ts';
import { failureVerdict } from './failure-verdict.ts';

/**
 * Runs a program (no shell) and resolves with its exit code; undefined when a signal ended it.
 * Rejects with the system's error when it cannot be started. Ends it when `signal` aborts.
 */
export type ExecRunner = (
  command: readonly string[],
  signal: AbortSignal,
) => Promise<number | undefined>;

/**
 * Runs commands as the daemon's own user. Output is thrown away: nothing reads it, so that it
 * needs no bound, and what a command prints cannot reach a log.
 */
export const execRunner: ExecRunner = async ([program = '', ...args], signal) => {
  const result = await execa(program, args, {
    cancelSignal: signal,
    killSignal: 'SIGKILL',
    stdio: 'ignore',
    reject: false,
  });
  // Not started: execa reports it as a result, with the system's error as the cause.
  if (result.exitCode === undefined && result.signal === undefined && !result.isCanceled) {
    throw new Error('could not be started', { cause: result.cause });
  }
  return result.exitCode;
};

/** Healthy if the command exits with 0. */
export function createExecProber(run: ExecRunner): Prober<ExecTarget> {
  return {
    async probe(target: ExecTarget, signal: AbortSignal): Promise<Verdict> {
      try {
        const exitCode = await run(target.command, signal);
        if (exitCode === 0) return { kind: 'healthy' };
        const reason = exitCode === undefined ? 'ended by a signal' : `exit code ${exitCode}`;
        return { kind: 'unhealthy', reason };
      } catch (error) {
        return failureVerdict(error);
      }
    },
  };
}
