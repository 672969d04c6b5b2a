import { type Clock, describeError, type Log } from '../base/index.ts';

/** What keeps work from starting, such as a silent store, may pass soon. */
const retryMs = 1_000;

/**
 * Runs something for as long as this daemon leads: started when it begins to, ended when it stops.
 * One run has ended before the next begins, however often leadership changes meanwhile.
 */
export class WhileLeading implements AsyncDisposable {
  readonly #start: () => Promise<AsyncDisposable>;
  readonly #clock: Clock;
  readonly #log: Log;
  #wanted = false;
  #run: AsyncDisposable | undefined;
  #changing: Promise<void> | undefined;
  #retry: Disposable | undefined;

  /** `start` may fail: it is tried again, each second, for as long as this daemon leads. */
  constructor(start: () => Promise<AsyncDisposable>, clock: Clock, log: Log) {
    this.#start = start;
    this.#clock = clock;
    this.#log = log;
  }

  set(leading: boolean): void {
    this.#wanted = leading;
    this.#retry?.[Symbol.dispose]();
    this.#changing ??= this.#change();
  }

  /** Resolves when what was asked for last has come about. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.set(false);
    await this.settled();
  }

  async #change(): Promise<void> {
    // Leaves the election first.
    await Promise.resolve();
    while (this.#wanted !== (this.#run !== undefined)) {
      try {
        if (this.#run) {
          const ended = this.#run;
          this.#run = undefined;
          await ended[Symbol.asyncDispose]();
        } else {
          this.#run = await this.#start();
        }
      } catch (error) {
        this.#log.error({ error: describeError(error) }, 'work of the leader failed');
        if (this.#wanted) this.#retry = this.#clock.schedule(retryMs, () => this.set(this.#wanted));
        break;
      }
    }
    this.#changing = undefined;
  }
}
