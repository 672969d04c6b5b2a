import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endWithUs } from '../leftovers.ts';

/** A script of ours in a namespace, which answers each JSON line with one. */
export class JsonChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** `namespace`: as `ip netns` names it. */
  constructor(namespace: string, file: string, ...args: readonly string[]) {
    const command = ['netns', 'exec', namespace, process.execPath, file, ...args];
    this.#child = spawn('ip', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    endWithUs(this.#child);
    if (!this.#child.stdout) throw new Error('its output is piped');
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The next line it says. @throws Error if it ends instead */
  async next<Answer>(): Promise<Answer> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`a helper process ended: ${this.#child.spawnargs.at(-1)}`);
    return JSON.parse(value) as Answer;
  }

  async ask<Answer>(order: object): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return await this.next<Answer>();
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
