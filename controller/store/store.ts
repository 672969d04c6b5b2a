import type { AnyObject, Kind, KindMap } from '../objects/index.ts';

/** An object of one kind, from which the compiler can tell the kind. */
export type ObjectOf<K extends Kind> = KindMap[K] & { readonly kind: K };

/**
 * All objects of one cluster, wherever they truly live: in memory, on disk, behind an API server
 * or in etcd. Reads answer at once from a full local view; writes resolve when they are as durable
 * as the store can make them, and the local view shows them by then.
 *
 * Objects are immutable values: a change is a new object under a new `resourceVersion`.
 */
export interface Store {
  /** '' as namespace for cluster-scoped kinds. */
  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined;

  list<K extends Kind>(kind: K, options?: ListOptions): ObjectList<KindMap[K]>;

  /**
   * Gives uid, creationTimestamp, generation 1 and a resourceVersion.
   * @throws StoreError `AlreadyExists`, `Invalid`
   */
  create<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]>;

  /**
   * Replaces everything but `status` (and what the server owns). Equal content writes nothing.
   * With `metadata.resourceVersion` set, only if it is still current.
   * @throws StoreError `NotFound`, `Conflict`, `Invalid`
   */
  update<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]>;

  /** As `update`, but replaces `status` alone. */
  updateStatus<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]>;

  /** @throws StoreError `NotFound`, `Conflict` */
  delete(kind: Kind, namespace: string, name: string, options?: DeleteOptions): Promise<void>;

  /**
   * Many independent writes at the price of one: watchers get their events in one batch. One
   * failing does not stop the others; results come in order.
   */
  writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]>;

  /**
   * Calls `listener` with each batch of changes, in resourceVersion order, after they are visible
   * to reads. Never re-entrant: a write made by a listener arrives in a later call.
   * @throws StoreError `Expired` when `resourceVersion` lies before the kept history
   */
  watch(options: WatchOptions, listener: WatchListener): Disposable;

  /** The version of the newest write. Versions are decimal strings that only grow. */
  readonly resourceVersion: string;
}

export interface ListOptions {
  readonly namespace?: string;
  /** `a=b,c!=d,e in (f,g),!h`: as the API's labelSelector parameter. */
  readonly labelSelector?: string;
  /** `metadata.name=x,status.phase!=Running`: as the API's fieldSelector parameter. */
  readonly fieldSelector?: string;
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export type WriteOperation =
  | { readonly kind: 'create' | 'update' | 'updateStatus'; readonly object: AnyObject }
  /** Create if absent, else update: what manifests mean. */
  | { readonly kind: 'put'; readonly object: AnyObject }
  | {
      readonly kind: 'delete';
      readonly objectKind: Kind;
      readonly namespace: string;
      readonly name: string;
    };

export type WriteResult =
  | { readonly kind: 'written' | 'unchanged'; readonly object: AnyObject }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'failed'; readonly error: Error };

export interface WatchOptions extends ListOptions {
  /** Absent: every kind. Selectors need exactly one. */
  readonly kinds?: readonly Kind[];
  /** Replay everything after this version. Absent: changes from now on. */
  readonly resourceVersion?: string;
  /** First one ADDED for each present object, then a BOOKMARK that ends the initial list. */
  readonly sendInitialEvents?: boolean;
  /** A BOOKMARK now and then, so that a watcher can resume near the present. */
  readonly allowWatchBookmarks?: boolean;
}

export type WatchEvent =
  | { readonly type: 'ADDED'; readonly object: AnyObject }
  /** `previous`: what a selector or an index held before. */
  | { readonly type: 'MODIFIED'; readonly object: AnyObject; readonly previous: AnyObject }
  /** `object` is the last state, under the version of the deletion. */
  | { readonly type: 'DELETED'; readonly object: AnyObject }
  | {
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
      readonly initialEventsEnd: boolean;
    };

export type WatchListener = (events: readonly WatchEvent[]) => void;
