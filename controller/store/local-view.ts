import type { Clock, Log } from '../base/index.ts';
import type { AnyObject, Kind, KindMap, KubeObject } from '../objects/index.ts';
import type { Change } from './change-log.ts';
import { jsonEqual } from './json-equal.ts';
import {
  type ObjectListener,
  objectTypeOf,
  type ObjectType,
  type ObjectWatchOptions,
} from './object-store.ts';
import { ObjectTable } from './object-table.ts';
import { parseSelection } from './selection.ts';
import type { ListOptions, ObjectList, WatchListener, WatchOptions } from './store.ts';
import { WatchHub } from './watch-hub.ts';

export interface LocalViewOptions {
  readonly clock: Clock;
  /** Hears of listeners that throw; absent: process warnings. */
  readonly log?: Log | undefined;
  /** Changes kept for watches that resume from a version. Default 10 000. */
  readonly historyLimit?: number | undefined;
}

/** All that a store knew when it ended. */
export interface StoredState {
  readonly version: number;
  readonly objects: Iterable<KubeObject>;
  /** The newest changes without a gap, for watches that resume; may be empty. */
  readonly history: readonly Change[];
}

/**
 * The reading half of a Store, wherever the truth is: all objects, and who watches them. Whoever
 * knows of a change puts it in, and then has it delivered.
 */
export class LocalView {
  /** What stamps are taken from. */
  readonly clock: Clock;
  readonly #tables = new Map<ObjectType, ObjectTable<KubeObject>>();
  readonly #hub: WatchHub;
  #version = 0;
  #delivery: NodeJS.Immediate | undefined;

  constructor({ clock, log, historyLimit = 10_000 }: LocalViewOptions) {
    this.clock = clock;
    this.#hub = new WatchHub({
      clock,
      log,
      historyLimit,
      version: () => this.#version,
      list: (types, options) =>
        (types ?? this.types()).flatMap((type) => this.objects(type, options)),
    });
  }

  /** Of the newest change. */
  get version(): number {
    return this.#version;
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    // A table holds objects of its own kind alone.
    return this.object(kind, namespace, name) as KindMap[K] | undefined;
  }

  list<K extends Kind>(kind: K, options: ListOptions = {}): ObjectList<KindMap[K]> {
    const items = this.objects(kind, options) as unknown as readonly KindMap[K][];
    return { items, resourceVersion: this.resourceVersion };
  }

  /** As `get`, of any type. */
  object(type: ObjectType, namespace: string, name: string): KubeObject | undefined {
    return this.#tables.get(type)?.get(namespace, name);
  }

  /** As `list`, of any type; a fresh array. @throws StoreError `Invalid` */
  objects(type: ObjectType, options: ListOptions = {}): KubeObject[] {
    const selection = parseSelection([type], options);
    const items = this.#tables.get(type)?.list(options.namespace) ?? [];
    return selection ? items.filter(selection) : items;
  }

  /** Types of which there are, or were, objects. */
  types(): readonly ObjectType[] {
    return [...this.#tables.keys()];
  }

  watch(options: WatchOptions, listener: WatchListener): Disposable {
    return this.#hub.watch(options, listener);
  }

  watchObjects(options: ObjectWatchOptions, listener: ObjectListener): Disposable {
    return this.#hub.watchObjects(options, listener);
  }

  /** Begins with what was stored before. Watches from before hear only of what comes after it. */
  restore({ version, objects, history }: StoredState): void {
    for (const object of objects) {
      this.#table(objectTypeOf(object.apiVersion, object.kind)).set(object);
    }
    this.#version = version;
    this.#hub.restore(history);
  }

  /** Makes a change visible to reads. Watchers hear of it with `deliver`. */
  take(change: Change): void {
    const { kind, type, object, version } = change;
    if (type === 'DELETED') {
      this.#table(kind).delete(object.metadata.namespace ?? '', object.metadata.name);
    } else {
      this.#table(kind).set(object);
    }
    this.#version = version;
    this.#hub.record(change);
  }

  /** Tells watchers everything that they have not heard. */
  deliver(): void {
    clearImmediate(this.#delivery);
    this.#delivery = undefined;
    this.#hub.deliver();
  }

  /**
   * Takes the object over under the next version of this view: for truths whose own versions cannot
   * be compared. One that differs in nothing but its resourceVersion is no change.
   */
  upsert(object: AnyObject): void {
    const { kind } = object;
    const previous = this.#previous(object);
    if (previous && sayTheSame(previous, object)) return;
    this.#takeSoon(
      previous
        ? { kind, type: 'MODIFIED', object, previous }
        : { kind, type: 'ADDED', object, previous: undefined },
    );
  }

  /** As `upsert`: `object` is the last state. One that is not there is no change. */
  remove(object: AnyObject): void {
    const previous = this.#previous(object);
    if (previous) this.#takeSoon({ kind: object.kind, type: 'DELETED', object, previous });
  }

  /** Makes these all objects of the kind; only what truly differs is a change. */
  replace(kind: Kind, objects: readonly AnyObject[]): void {
    const key = ({ metadata }: AnyObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
    const present = new Set(objects.map(key));
    for (const object of this.list(kind).items) if (!present.has(key(object))) this.remove(object);
    for (const object of objects) this.upsert(object);
  }

  [Symbol.dispose](): void {
    clearImmediate(this.#delivery);
  }

  #previous({ kind, metadata }: AnyObject): AnyObject | undefined {
    return this.get<Kind>(kind, metadata.namespace ?? '', metadata.name);
  }

  #takeSoon(change: Omit<Change, 'version'>): void {
    this.take({ ...change, version: this.#version + 1 });
    // What arrives in one turn, such as a whole list, is one batch.
    this.#delivery ??= setImmediate(() => this.deliver());
  }

  #table(type: ObjectType): ObjectTable<KubeObject> {
    let table = this.#tables.get(type);
    if (!table) {
      table = new ObjectTable();
      this.#tables.set(type, table);
    }
    return table;
  }
}

function sayTheSame(a: AnyObject, b: AnyObject): boolean {
  const plain = (object: AnyObject): AnyObject => ({
    ...object,
    metadata: { ...object.metadata, resourceVersion: '' },
  });
  return jsonEqual(plain(a), plain(b));
}
