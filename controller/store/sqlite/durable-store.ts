import {
  type Clock,
  ConfigError,
  describeError,
  type Log,
  type Problem,
  type ProblemSink,
} from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { Change } from '../change-log.ts';
import { LocalView } from '../local-view.ts';
import type { OpenStore } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { ViewedStore } from '../viewed-store.ts';
import { WriteBatch } from '../write-batch.ts';
import { type Journal, SqliteJournal } from './journal.ts';
import { JournalError } from './journal-file.ts';
import type { ChangeRow } from './protocol.ts';

export interface DurableStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly problems: ProblemSink;
  /** Changes kept for watches that resume, also over a restart. Default 10 000. */
  readonly historyLimit?: number;
  /** In place of a file, for tests. */
  readonly journal?: Journal;
}

/**
 * A Store in a file. Writes resolve, and become visible, when they outlive a crash: of the process,
 * at any instant, and of the machine. Those that come while the disk is busy share its next sync.
 */
export interface DurableStore extends OpenStore, AsyncDisposable {
  /**
   * Reads the file; before, the store is empty and takes no writes.
   * @throws ConfigError `StoreDamaged`, `StoreForeign`, `StoreUnusable`
   */
  open(): Promise<void>;
}

/** A durable store, not yet open. */
export function createDurableStore(options: DurableStoreOptions): DurableStore {
  return new JournaledStore(options);
}

/** A write that waits for the next commit. */
interface Queued {
  /** Works out what it means; throws StoreError, and is settled then. */
  readonly run: (batch: WriteBatch) => void;
  readonly commit: () => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Writes worked out together for one commit: enough for every client of a busy API at once, and
 * few enough that the first does not wait long for the last.
 */
const longestBatch = 512;

class JournaledStore extends ViewedStore implements DurableStore {
  readonly #options: DurableStoreOptions;
  readonly #view: LocalView;
  readonly #journal: Journal;
  #queue: Queued[] = [];
  #pumping: Promise<void> | undefined;
  #isOpen = false;

  constructor(options: DurableStoreOptions) {
    const view = new LocalView(options);
    super(view, (write) => this.#perform(write));
    this.#options = options;
    this.#view = view;
    this.#journal = options.journal ?? new SqliteJournal();
  }

  async open(): Promise<void> {
    const { path, historyLimit = 10_000 } = this.#options;
    try {
      const { version, objects, history } = await this.#journal.open(path, historyLimit);
      this.#view.restore({
        version,
        objects: objects.map(parseObject),
        history: history.map(toChange),
      });
      this.#isOpen = true;
    } catch (error) {
      throw error instanceof JournalError ? refusal(path, error) : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#pumping) await this.#pumping;
    this.#isOpen = false;
    await this.#journal[Symbol.asyncDispose]();
  }

  async #perform<Result>(write: (batch: WriteBatch) => Result): Promise<Result> {
    if (!this.#isOpen) throw new StoreError('Unavailable', 'the store is not open');
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    let commit = (): void => {};
    this.#queue.push({
      run(batch) {
        const result = write(batch);
        commit = () => resolve(result);
      },
      commit: () => commit(),
      fail: reject,
    });
    this.#pumping ??= this.#pump();
    return await promise;
  }

  async #pump(): Promise<void> {
    // Leaves the caller first: what one turn writes is one batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const taken = this.#queue.slice(0, longestBatch);
      this.#queue = this.#queue.slice(longestBatch);
      await this.#commit(taken);
    }
    this.#pumping = undefined;
  }

  async #commit(taken: readonly Queued[]): Promise<void> {
    const batch = new WriteBatch(this.#view, this.#options.clock);
    const wanted: Queued[] = [];
    for (const one of taken) {
      try {
        one.run(batch);
        wanted.push(one);
      } catch (error) {
        one.fail(error);
      }
    }
    try {
      if (batch.changes.length > 0) await this.#journal.commit(batch.changes.map(toRow));
    } catch (error) {
      const failure = notWritten(error);
      for (const one of wanted) one.fail(failure);
      this.#options.problems.replace('store', [unwritable(this.#options.path, failure)]);
      return;
    }
    if (batch.changes.length > 0) this.#options.problems.replace('store', []);
    for (const change of batch.changes) this.#view.take(change);
    for (const one of wanted) one.commit();
    this.#view.deliver();
  }
}

function parseObject(text: string): KubeObject {
  // Written by `toRow`; the file's pages were checked.
  return JSON.parse(text) as KubeObject;
}

function toChange({ version, kind, type, object, previous }: ChangeRow): Change {
  return {
    version,
    kind,
    type,
    object: parseObject(object),
    previous: previous === null ? undefined : parseObject(previous),
  };
}

function toRow({ version, kind, type, object, previous }: Change): ChangeRow {
  const { namespace = '', name } = object.metadata;
  return {
    version,
    kind,
    type,
    namespace,
    name,
    object: JSON.stringify(object),
    previous: previous === undefined ? null : JSON.stringify(previous),
  };
}

function notWritten(cause: unknown): StoreError {
  const isFull = cause instanceof JournalError && cause.reason === 'full';
  return new StoreError(
    isFull ? 'InsufficientStorage' : 'Unavailable',
    `not stored: ${describeError(cause)}`,
    { cause },
  );
}

function unwritable(path: string, error: StoreError): Problem {
  return {
    severity: 'error',
    reason: 'StoreNotWritable',
    message: `${path} takes no writes (${error.message}); what is stored is served`,
    instead: 'make room on the disk, and the folder writable; the next write tries again',
  };
}

function refusal(path: string, error: JournalError): ConfigError {
  const options = { cause: error };
  if (error.reason === 'damaged') {
    const message = `${path} is damaged (${error.message}): put a copy made by portolan backup in its place, or move it away to begin with nothing`;
    return new ConfigError('StoreDamaged', message, undefined, options);
  }
  if (error.reason === 'foreign') {
    const message = `${path} cannot be used: ${error.message}; choose another --data-dir`;
    return new ConfigError('StoreForeign', message, undefined, options);
  }
  const message = `${path} cannot be opened (${error.message}): make the data directory readable and writable, and see that the disk has room`;
  return new ConfigError('StoreUnusable', message, undefined, options);
}
