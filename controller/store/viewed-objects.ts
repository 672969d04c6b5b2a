import type { KubeObject } from '../objects/index.ts';
import type { LocalView } from './local-view.ts';
import type {
  ObjectListener,
  ObjectStore,
  ObjectType,
  ObjectWatchOptions,
} from './object-store.ts';
import type { DeleteOptions, ListOptions, ObjectList } from './store.ts';
import { WriteBatch } from './write-batch.ts';

/** Works a write out, and resolves when it is as durable as the store makes it, and visible. */
export type Perform = <Result>(write: (batch: WriteBatch) => Result) => Promise<Result>;

/** The objects of any store that stands on a local view and on batches. */
export class ViewedObjects implements ObjectStore {
  readonly #view: LocalView;
  readonly #perform: Perform;

  constructor(view: LocalView, perform: Perform) {
    this.#view = view;
    this.#perform = perform;
  }

  get resourceVersion(): string {
    return this.#view.resourceVersion;
  }

  types(): readonly ObjectType[] {
    return this.#view.types();
  }

  get(type: ObjectType, namespace: string, name: string): KubeObject | undefined {
    return this.#view.object(type, namespace, name);
  }

  list(type: ObjectType, options: ListOptions = {}): ObjectList<KubeObject> {
    return { items: this.#view.objects(type, options), resourceVersion: this.resourceVersion };
  }

  async create(object: KubeObject): Promise<KubeObject> {
    return await this.#perform((batch) => batch.create(object));
  }

  async update(object: KubeObject): Promise<KubeObject> {
    return await this.#perform((batch) => batch.update(object));
  }

  async updateStatus(object: KubeObject): Promise<KubeObject> {
    return await this.#perform((batch) => batch.updateStatus(object));
  }

  async delete(
    type: ObjectType,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<KubeObject> {
    return await this.#perform((batch) => batch.finalize(type, namespace, name, options));
  }

  preview(write: 'create' | 'update' | 'updateStatus', object: KubeObject): KubeObject {
    return new WriteBatch(this.#view, this.#view.clock)[write](object);
  }

  watch(options: ObjectWatchOptions, listener: ObjectListener): Disposable {
    return this.#view.watchObjects(options, listener);
  }
}
