import { execFile, spawn, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import type { TestContext } from 'node:test';

/** What one kubectl printed, and how it ended. */
export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Far longer than any command takes; reached only when something hangs. */
const timeoutMs = 20_000;

/** The minor version of the kubectl on this machine: 20 for 1.20. Undefined: there is none. */
export function kubectlMinor(): number | undefined {
  const { stdout, status } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
  });
  if (status !== 0) return undefined;
  const minor = /"minor":\s*"(\d+)/.exec(stdout)?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/** A kubectl that uses one kubeconfig, and no file of the user's. */
export class Kubectl {
  readonly #kubeconfig: string;

  constructor(kubeconfig: string) {
    this.#kubeconfig = kubeconfig;
  }

  async run(
    args: readonly string[],
    input = '',
    env: Record<string, string> = {},
  ): Promise<Answer> {
    return await new Promise((resolve) => {
      const cwd = dirname(this.#kubeconfig);
      const options = { cwd, timeout: timeoutMs, env: { ...this.#environment(), ...env } };
      const child = execFile('kubectl', args, options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ status, stdout, stderr });
      });
      child.stdin?.end(input);
    });
  }

  /** Runs until it prints what is wanted. @throws Error when it does not */
  async until(args: readonly string[], wanted: RegExp): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const { stdout } = await this.run(args);
      if (wanted.test(stdout)) return;
      if (performance.now() > end) throw new Error(`${args.join(' ')} printed ${stdout}`);
    }
  }

  /** Everything it prints while `act` runs, until `enough` of it is there. */
  async follow(
    context: TestContext,
    args: readonly string[],
    act: (printed: string) => Promise<boolean>,
  ): Promise<string> {
    const child = spawn('kubectl', args, { env: this.#environment() });
    context.after(() => child.kill('SIGKILL'));
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      const watchdog = setTimeout(() => reject(new Error(`printed only: ${printed}`)), timeoutMs);
      const take = (chunk: Buffer): void => {
        printed += chunk.toString();
        void act(printed).then((isEnough) => {
          if (!isEnough) return;
          clearTimeout(watchdog);
          resolve();
        }, reject);
      };
      take(Buffer.alloc(0));
      child.stdout.on('data', take);
      child.stderr.on('data', take);
    });
    child.kill();
    return printed;
  }

  #environment(): Record<string, string> {
    return {
      PATH: process.env['PATH'] ?? '',
      KUBECONFIG: this.#kubeconfig,
      // Discovery is cached here.
      HOME: dirname(this.#kubeconfig),
      TZ: 'UTC',
    };
  }
}
