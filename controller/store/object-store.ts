import { isKnownKind, type KubeObject } from '../objects/index.ts';
import type { DeleteOptions, ListOptions, ObjectList, Store } from './store.ts';

/**
 * A type of objects, whatever version they are written in: the kind alone for the core group and
 * for the kinds of KindMap, else `Kind.group` (`Deployment.apps`).
 */
export type ObjectType = string;

/** The type that an object of this apiVersion and kind is stored as. */
export function objectTypeOf(apiVersion: string, kind: string): ObjectType {
  const slash = apiVersion.indexOf('/');
  if (slash < 0 || isKnownKind(apiVersion, kind)) return kind;
  return `${kind}.${apiVersion.slice(0, slash)}`;
}

/**
 * The objects of a store without static types: those of KindMap, and of every other type. Writes
 * give what was stored. Whether a type exists, and what its objects must look like, is for the
 * caller to know.
 */
export interface ObjectStore {
  get(type: ObjectType, namespace: string, name: string): KubeObject | undefined;

  /** @throws StoreError `Invalid` for selectors that cannot be read */
  list(type: ObjectType, options?: ListOptions): ObjectList<KubeObject>;

  /** @throws StoreError `AlreadyExists`, `Invalid` */
  create(object: KubeObject): Promise<KubeObject>;

  /**
   * As `Store.update`. An object that waits for its finalizers goes with the last of them.
   * @throws StoreError `NotFound`, `Conflict`, `Invalid`
   */
  update(object: KubeObject): Promise<KubeObject>;

  /** @throws StoreError `NotFound`, `Conflict`, `Invalid` */
  updateStatus(object: KubeObject): Promise<KubeObject>;

  /**
   * Removes the object, or, while it has finalizers, marks it with a deletionTimestamp. Gives its
   * last state; `deletionTimestamp` and finalizers tell whether it is still there.
   * @throws StoreError `NotFound`, `Conflict`
   */
  delete(
    type: ObjectType,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<KubeObject>;

  /**
   * What a write would give, without writing: a dry run.
   * @throws StoreError as the write of that name
   */
  preview(write: 'create' | 'update' | 'updateStatus', object: KubeObject): KubeObject;

  /** As `Store.watch`. @throws StoreError `Expired`, `Invalid` */
  watch(options: ObjectWatchOptions, listener: ObjectListener): Disposable;

  /** Types of which there are objects. */
  types(): readonly ObjectType[];

  readonly resourceVersion: string;
}

export interface ObjectWatchOptions extends ListOptions {
  /** Absent: every type. Selectors need exactly one. */
  readonly types?: readonly ObjectType[];
  readonly resourceVersion?: string;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}

/** As `WatchEvent`, of any type. */
export type ObjectEvent =
  | { readonly type: 'ADDED' | 'DELETED'; readonly object: KubeObject }
  | { readonly type: 'MODIFIED'; readonly object: KubeObject; readonly previous: KubeObject }
  | {
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
      readonly initialEventsEnd: boolean;
    };

export type ObjectListener = (events: readonly ObjectEvent[]) => void;

/** A store that an API can be put on: it holds objects of any type. */
export interface OpenStore extends Store {
  /** The same objects, and all others. */
  readonly objects: ObjectStore;
}
