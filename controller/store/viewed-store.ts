import type { Kind, KindMap } from '../objects/index.ts';
import type { LocalView } from './local-view.ts';
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
import { type Perform, ViewedObjects } from './viewed-objects.ts';

/** Any store that reads from a local view, and works writes out as batches. */
export class ViewedStore implements OpenStore {
  readonly objects: ObjectStore;
  readonly #view: LocalView;
  readonly #perform: Perform;

  constructor(view: LocalView, perform: Perform) {
    this.#view = view;
    this.#perform = perform;
    this.objects = new ViewedObjects(view, perform);
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
    return await this.#perform((batch) => batch.create(object));
  }

  async update<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return await this.#perform((batch) => batch.update(object));
  }

  async updateStatus<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return await this.#perform((batch) => batch.updateStatus(object));
  }

  async delete(
    kind: Kind,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    await this.#perform((batch) => batch.delete(kind, namespace, name, options));
  }

  async writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]> {
    return await this.#perform((batch) => operations.map((operation) => batch.tryWrite(operation)));
  }
}
