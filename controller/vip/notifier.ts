import { type Clock, describeError, type Log } from '../base/index.ts';
import type { ExecRunner } from '../health/index.ts';
import type { VirtualRouterState } from './speaker/virtual-router.ts';

/** A command that hangs would hold all later ones up. */
const timeoutMs = 10_000;
/** Changes that wait for a command: older ones are of no use to anybody. */
const maxWaiting = 100;

/** keepalived's words for the states. */
const stateWords: Readonly<Record<VirtualRouterState, string>> = {
  initialize: 'STOP',
  backup: 'BACKUP',
  active: 'MASTER',
  fault: 'FAULT',
  retiring: 'STOP',
};

/**
 * Runs notify commands with keepalived's arguments: `INSTANCE NAME STATE PRIORITY`. One after
 * another, so that they see changes in the order in which they happened.
 */
export class Notifier {
  readonly #exec: ExecRunner | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(exec: ExecRunner | undefined, clock: Clock, log: Log) {
    this.#exec = exec;
    this.#clock = clock;
    this.#log = log;
  }

  tell(
    command: readonly string[],
    name: string,
    state: VirtualRouterState,
    priority: number,
  ): void {
    const exec = this.#exec;
    if (!exec) return;
    if (this.#waiting >= maxWaiting) {
      this.#log.warn({ virtualRouter: name, state }, 'notify command left out: too many wait');
      return;
    }
    const words = [...command, 'INSTANCE', name, stateWords[state], String(priority)];
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#run(exec, words, name));
  }

  /** Resolves when the commands told so far have ended. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #run(exec: ExecRunner, words: readonly string[], name: string): Promise<void> {
    const abort = new AbortController();
    using _timer = this.#clock.schedule(timeoutMs, () => abort.abort());
    try {
      const status = await exec(words, abort.signal);
      if (status !== 0) {
        const fields = { virtualRouter: name, command: words[0], status };
        this.#log.warn(fields, 'notify command failed');
      }
    } catch (error) {
      const fields = { virtualRouter: name, command: words[0], error: describeError(error) };
      this.#log.warn(fields, 'notify command could not be run');
    } finally {
      this.#waiting -= 1;
    }
  }
}
