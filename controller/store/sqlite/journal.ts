import { Worker } from 'node:worker_threads';
import { describeError } from '../../base/index.ts';
import { JournalError } from './journal-file.ts';
import type { ChangeRow, JournalAnswer, JournalRequest, StoredRows } from './protocol.ts';

/** Beside this module, in the sources as in the build. */
const threadModule: URL = new URL(
  import.meta.url.endsWith('.ts') ? 'thread.ts' : 'thread.js',
  import.meta.url,
);

/** Where a durable store writes down its changes. One commit at a time. */
export interface Journal extends AsyncDisposable {
  /** @throws JournalError */
  open(path: string, historyLimit: number): Promise<StoredRows>;
  /** Resolves when the changes outlive a crash. @throws JournalError: then none of them does */
  commit(rows: readonly ChangeRow[]): Promise<void>;
}

/** A journal in an SQLite file, in a thread of its own. */
export class SqliteJournal implements Journal {
  readonly #worker = new Worker(threadModule, { name: 'store' });
  readonly #waiting: PromiseWithResolvers<JournalAnswer>[] = [];
  readonly #ended = Promise.withResolvers<void>();
  #failure: string | undefined;

  constructor() {
    this.#worker.on('message', (answer: JournalAnswer) => this.#waiting.shift()?.resolve(answer));
    this.#worker.on('error', (error) => {
      this.#failure = describeError(error);
    });
    this.#worker.on('exit', () => {
      this.#failure ??= 'its thread has ended';
      for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#gone());
      this.#ended.resolve();
    });
  }

  async open(path: string, historyLimit: number): Promise<StoredRows> {
    const answer = await this.#ask({ kind: 'open', path, historyLimit });
    if (answer.kind !== 'opened') throw failureOf(answer);
    return answer.stored;
  }

  async commit(rows: readonly ChangeRow[]): Promise<void> {
    const answer = await this.#ask({ kind: 'commit', rows });
    if (answer.kind !== 'done') throw failureOf(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#failure === undefined) await this.#ask({ kind: 'close' }).catch(() => {});
    await this.#ended.promise;
  }

  async #ask(request: JournalRequest): Promise<JournalAnswer> {
    if (this.#failure !== undefined) throw this.#gone();
    const waiting = Promise.withResolvers<JournalAnswer>();
    this.#waiting.push(waiting);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is windows' alone
    this.#worker.postMessage(request);
    return await waiting.promise;
  }

  #gone(): JournalError {
    return new JournalError('failed', this.#failure ?? 'its thread has ended');
  }
}

function failureOf(answer: JournalAnswer): JournalError {
  if (answer.kind === 'failed') return new JournalError(answer.cause, answer.message);
  return new JournalError('failed', `the thread answered "${answer.kind}"`);
}
