import type { Clock, Log, Meter, ProblemSink, Random } from '../../base/index.ts';
import { LocalView } from '../local-view.ts';
import type { OpenStore } from '../object-store.ts';
import type { WriteOperation, WriteResult } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { ViewedStore } from '../viewed-store.ts';
import { WriteBatch } from '../write-batch.ts';
import { type EtcdClient, EtcdError } from './etcd-client.ts';
import { Feed, readMark } from './feed.ts';
import { Heard } from './heard.ts';
import type { Keys } from './keys.ts';
import { type Compare, holdsValue, read, type TxnResponse } from './messages.ts';
import { underRevision } from './outcome.ts';
import { transactionOf } from './transaction.ts';
import { ViewFeeder } from './view-feeder.ts';

export interface EtcdStoreOptions {
  readonly client: EtcdClient;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
  /** Changes kept for watches that resume. Default 10 000. */
  readonly historyLimit?: number;
}

/** A Store that daemons on many nodes share. Disposing ends its watch. */
export interface EtcdStore extends OpenStore, AsyncDisposable {
  /** Resolves when everything has been listed once. */
  ready(): Promise<void>;
  /**
   * Resolves when reads show at least all that was acknowledged to anybody before the call.
   * @throws EtcdError
   */
  sync(): Promise<void>;
  /** The same store; its writes fail once `identity` does not hold the lease `name` any more. */
  fencedBy(name: string, identity: string): OpenStore;
}

/** Follows the objects below the prefix of `keys`. */
export function createEtcdStore(options: EtcdStoreOptions): EtcdStore {
  const view = new LocalView(options);
  return new SharedStore(options, view);
}

/**
 * etcd refuses more operations in one transaction (`--max-txn-ops`, default 128), one of which is
 * the mark; an operation of ours touches one key.
 */
const longestBatch = 100;
/** Each attempt sees what beat the one before it. Beyond this, somebody writes without pause. */
const mostAttempts = 10;

/** Leader's name and identity. */
interface Fence {
  readonly key: string;
  readonly identity: string;
}

/** Writes in batches that one transaction of etcd can take. */
class BatchedStore extends ViewedStore {
  override async writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]> {
    const results: WriteResult[] = [];
    for (let start = 0; start < operations.length; start += longestBatch) {
      const batch = operations.slice(start, start + longestBatch);
      for (const result of await super.writeAll(batch)) results.push(result);
    }
    return results;
  }
}

class SharedStore extends BatchedStore implements EtcdStore {
  readonly #options: EtcdStoreOptions;
  readonly #view: LocalView;
  readonly #feeder: ViewFeeder;
  readonly #feed: Feed;
  readonly #heard: Heard;
  readonly #listed = Promise.withResolvers<void>();
  #isDisposed = false;

  constructor(options: EtcdStoreOptions, view: LocalView) {
    super(view, (write) => this.#perform(write, undefined));
    this.#options = options;
    this.#view = view;
    this.#feeder = new ViewFeeder(view, options.keys, options.clock);
    this.#heard = new Heard(options);
    this.#feed = new Feed({
      ...options,
      sink: {
        replace: (pairs, revision) => {
          this.#feeder.replace(pairs, revision);
          this.#listed.resolve();
        },
        change: (events) => this.#feeder.change(events),
        failed: (error) => this.#heard.note(error),
        revision: () => this.#feeder.revision,
      },
    });
  }

  async ready(): Promise<void> {
    await this.#listed.promise;
  }

  async sync(): Promise<void> {
    const { client, keys } = this.#options;
    const revision = await readMark(client, keys);
    if (!(await this.#feeder.reach(revision))) {
      throw new EtcdError(`changes up to revision ${revision} are not heard`, false);
    }
  }

  fencedBy(name: string, identity: string): OpenStore {
    const fence = { key: this.#options.keys.leader(name), identity };
    return new BatchedStore(this.#view, (write) => this.#perform(write, fence));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    await this.#feed[Symbol.asyncDispose]();
    this.#feeder.close();
    this.#listed.resolve();
    this.#heard[Symbol.dispose]();
    this.#view[Symbol.dispose]();
  }

  /** Optimistic: worked out on the view, and again when etcd knows better than it. */
  async #perform<Result>(
    write: (batch: WriteBatch) => Result,
    fence: Fence | undefined,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#isDisposed) throw new StoreError('Unavailable', 'the store is closed');
      const batch = new WriteBatch(this.#view, this.#options.clock);
      let result: Result;
      try {
        result = write(batch);
      } catch (error) {
        if (attempt > 1 || !mayBeStale(error)) throw error;
        // The view may be behind what the writer was told elsewhere.
        await this.#syncForWrite();
        continue;
      }
      if (batch.changes.length === 0) return result;
      const revision = await this.#commit(batch, fence);
      if (revision !== undefined) {
        if (!(await this.#feeder.reach(revision))) throw notHeard(revision);
        return underRevision(result, batch.changes, revision);
      }
      if (attempt === mostAttempts) {
        throw new StoreError('Conflict', 'others write the same objects without pause; try again');
      }
      await this.#syncForWrite();
    }
  }

  /** The revision that the changes got; undefined when an object was not as the view had it. */
  async #commit({ changes }: WriteBatch, fence: Fence | undefined): Promise<number | undefined> {
    const { client, keys } = this.#options;
    const { compare, success } = transactionOf(changes, keys);
    const fenced: Compare[] = fence ? [holdsValue(fence.key, fence.identity)] : [];
    let answer: TxnResponse;
    try {
      answer = (await client.call('/v3/kv/txn', {
        compare: [...compare, ...fenced],
        success,
        failure: fence ? [read(fence.key)] : [],
      })) as TxnResponse;
    } catch (error) {
      throw unavailable(error);
    }
    if (answer.succeeded) return Number(answer.header.revision);
    if (fence && leaderOf(answer) !== fence.identity) {
      throw new StoreError('Conflict', 'this daemon does not lead any more');
    }
    return undefined;
  }

  async #syncForWrite(): Promise<void> {
    try {
      await this.sync();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

function leaderOf({ responses }: TxnResponse): string | undefined {
  const value = responses?.[0]?.response_range?.kvs?.[0]?.value;
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

/** Whether a newer view could lead to another answer. */
function mayBeStale(error: unknown): boolean {
  return error instanceof StoreError && error.code !== 'Invalid';
}

/** Etcd has it, and reads here do not show it: a writer that went on would act on the past. */
function notHeard(revision: number): StoreError {
  const message = `etcd: written as revision ${revision}, but changes are not heard from it now`;
  return new StoreError('Unavailable', message);
}

function unavailable(cause: unknown): unknown {
  if (!(cause instanceof EtcdError)) return cause;
  const doubt = cause.isSilence ? '; the write may have happened or not' : '';
  return new StoreError('Unavailable', `etcd: ${cause.message}${doubt}`, { cause });
}
