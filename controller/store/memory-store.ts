import type { Clock, Log } from '../base/index.ts';
import type { Kind, KindMap } from '../objects/index.ts';
import { LocalView } from './local-view.ts';
import type { ObjectStore, OpenStore } from './object-store.ts';
import type {
  DeleteOptions,
  ListOptions,
  ObjectList,
  ObjectOf,
  WatchListener,
  WatchOptions,
  WriteOperation,
  WriteResult,
} from './store.ts';
import { ViewedObjects } from './viewed-objects.ts';
import { WriteBatch } from './write-batch.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Changes kept for watches that resume from a version. Default 10 000. */
  readonly historyLimit?: number;
  /** Hears of listeners that throw; absent: process warnings. */
  readonly log?: Log;
}

/**
 * A Store that lives as long as the process. Finalizers are kept as written; they delay
 * deletions that are made through `objects`, and no others: who removes a manifest means it.
 */
export function createMemoryStore(options: MemoryStoreOptions): OpenStore {
  return new MemoryStore(options);
}

class MemoryStore implements OpenStore {
  readonly #clock: Clock;
  readonly #view: LocalView;
  readonly objects: ObjectStore;

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
    this.#view = new LocalView(options);
    this.objects = new ViewedObjects(this.#view, async (write) => this.#perform(write));
  }

  get resourceVersion(): string {
    return this.#view.resourceVersion;
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.#view.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): ObjectList<KindMap[K]> {
    return this.#view.list(kind, options);
  }

  watch(options: WatchOptions, listener: WatchListener): Disposable {
    return this.#view.watch(options, listener);
  }

  async create<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#perform((batch) => batch.create(object));
  }

  async update<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#perform((batch) => batch.update(object));
  }

  async updateStatus<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#perform((batch) => batch.updateStatus(object));
  }

  async delete(
    kind: Kind,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    this.#perform((batch) => batch.delete(kind, namespace, name, options));
  }

  async writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]> {
    return this.#perform((batch) => operations.map((operation) => batch.tryWrite(operation)));
  }

  #perform<Result>(write: (batch: WriteBatch) => Result): Result {
    const batch = new WriteBatch(this.#view, this.#clock);
    try {
      return write(batch);
    } finally {
      for (const change of batch.changes) this.#view.take(change);
      this.#view.deliver();
    }
  }
}
