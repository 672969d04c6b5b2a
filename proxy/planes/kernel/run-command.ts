import { execa } from 'execa';
import { DataPlaneError } from '../../../controller/base/index.ts';

/** How a program ended. A failure is a result here: callers know what each program means by it. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one program to its end with `input` on standard input; no shell is involved. The one door
 * through which kernel planes change the machine, so tests pass a fake.
 * @throws DataPlaneError `ProgramMissing` (not retryable), `ProgramFailed` (killed, out of time)
 */
export type RunCommand = (
  file: string,
  args: readonly string[],
  input?: string,
) => Promise<CommandResult>;

/** What one program may print: a listing of 100 000 Services is about 40 MB. */
const maxOutputBytes = 512 * 1024 * 1024;

/** A transaction that takes longer hangs: the largest one measured took 3 s. */
const timeoutMs = 120_000;

/**
 * The programs of this machine. `prefix` is put in front of every command: tests use
 * `['ip', 'netns', 'exec', NAME]` to stay off the host.
 */
export function systemCommands(prefix: readonly string[] = []): RunCommand {
  return async (file, args, input = '') => {
    const [program = file, ...rest] = [...prefix, file, ...args];
    const result = await execa(program, rest, {
      input,
      reject: false,
      timeout: timeoutMs,
      maxBuffer: maxOutputBytes,
      stripFinalNewline: false,
      // Messages are parsed, so they must not be translated.
      env: { LC_ALL: 'C' },
    });
    if (result.exitCode !== undefined) {
      return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
    }
    if (result.code === 'ENOENT') {
      throw new DataPlaneError('ProgramMissing', `${program} is not installed`, false);
    }
    const why = 'shortMessage' in result ? result.shortMessage : `${program} did not end by itself`;
    throw new DataPlaneError('ProgramFailed', why, true);
  };
}
