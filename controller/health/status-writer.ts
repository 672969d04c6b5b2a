import { type Clock, describeError, type Log } from '../base/index.ts';
import type { Store, WriteOperation } from '../store/index.ts';

const firstRetryMs = 20;
const maxRetryMs = 5000;

export interface StatusWriterOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The write that makes the store agree for `key`; undefined when it agrees already. */
  readonly plan: (key: string) => WriteOperation | undefined;
}

/**
 * Writes what changed, level-triggered: everything marked in one turn of the event loop, or while
 * a write is under way, goes out in one batch. What fails is planned again after a growing delay.
 */
export class StatusWriter implements AsyncDisposable {
  readonly #options: StatusWriterOptions;
  readonly #marked = new Set<string>();
  readonly #failed = new Set<string>();
  #flushing: Promise<void> | undefined;
  #retry: Disposable | undefined;
  #retryMs = firstRetryMs;
  #disposed = false;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  mark(key: string): void {
    if (this.#disposed) return;
    this.#marked.add(key);
    this.#flushing ??= this.#flush();
  }

  /** Resolves when everything marked so far has been tried. */
  async idle(): Promise<void> {
    while (this.#flushing) await this.#flushing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#retry?.[Symbol.dispose]();
    await this.idle();
  }

  async #flush(): Promise<void> {
    // The end of this turn: every probe whose answer is in by now shares the batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#marked.size > 0) {
      const batch = [...this.#marked];
      this.#marked.clear();
      const failed = await this.#write(batch);
      if (failed.length > 0) this.#retryLater(failed);
      else this.#retryMs = firstRetryMs;
    }
    this.#flushing = undefined;
  }

  /** Keys whose write failed. */
  async #write(keys: readonly string[]): Promise<readonly string[]> {
    const planned: { key: string; operation: WriteOperation }[] = [];
    for (const key of keys) {
      const operation = this.#options.plan(key);
      if (operation) planned.push({ key, operation });
    }
    if (planned.length === 0) return [];
    try {
      const results = await this.#options.store.writeAll(planned.map((one) => one.operation));
      const failed: string[] = [];
      for (const [index, result] of results.entries()) {
        const key = planned[index]?.key;
        if (result.kind !== 'failed' || key === undefined) continue;
        this.#logFailure(result.error, key);
        failed.push(key);
      }
      return failed;
    } catch (error) {
      this.#logFailure(error, `${planned.length} objects`);
      return planned.map((one) => one.key);
    }
  }

  /** One failure is the normal end of a race; one that persists is not. */
  #logFailure(error: unknown, key: string): void {
    const { log } = this.#options;
    const fields = { key, error: describeError(error) };
    if (this.#retryMs < maxRetryMs) log.debug(fields, 'health not written; will retry');
    else log.warn(fields, 'health cannot be written; will retry');
  }

  #retryLater(keys: readonly string[]): void {
    for (const key of keys) this.#failed.add(key);
    if (this.#disposed || this.#retry) return;
    this.#retry = this.#options.clock.schedule(this.#retryMs, () => {
      this.#retry = undefined;
      const again = [...this.#failed];
      this.#failed.clear();
      for (const key of again) this.mark(key);
    });
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
  }
}
