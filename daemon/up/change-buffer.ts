import {
  type AnyObject,
  type BundleChanges,
  bundleKey,
  type Kind,
  type KindMap,
  objectKey,
  type ServiceBundle,
} from '../../controller/objects/index.ts';
import type { WatchEvent } from '../../controller/store/index.ts';

/** Objects of one kind that changed. Keys are `namespace/name`, or the name alone. */
export interface ObjectChanges<T> {
  readonly upserted: readonly T[];
  readonly removed: readonly string[];
}

/**
 * Gathers changes until somebody takes them; of several changes to one thing only the last
 * remains. What arrives within one turn of the event loop is so compiled once.
 */
export class ChangeBuffer {
  readonly #bundles = new Map<string, ServiceBundle | undefined>();
  readonly #objects = new Map<Kind, Map<string, AnyObject | undefined>>();
  #sinceMs: number | undefined;

  /** When the oldest change that waits came in (monotonic); undefined when none waits. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  addBundles({ upserted, removed }: BundleChanges, nowMs: number): void {
    for (const key of removed) this.#bundles.set(key, undefined);
    for (const bundle of upserted) this.#bundles.set(bundleKey(bundle), bundle);
    this.#sinceMs ??= nowMs;
  }

  addEvents(events: readonly WatchEvent[], nowMs: number): void {
    for (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      const { object } = event;
      const kind = object.kind;
      const ofKind = this.#objects.get(kind) ?? new Map<string, AnyObject | undefined>();
      this.#objects.set(kind, ofKind);
      ofKind.set(objectKey(object.metadata), event.type === 'DELETED' ? undefined : object);
      this.#sinceMs ??= nowMs;
    }
  }

  /** Takes everything; the buffer is empty afterwards. */
  take(): TakenChanges {
    const bundles = split(this.#bundles);
    const objects = new Map(this.#objects);
    this.#bundles.clear();
    this.#objects.clear();
    this.#sinceMs = undefined;
    return {
      bundles,
      // A kind's map holds only that kind: `addEvents` files objects by their own kind.
      of: <K extends Kind>(kind: K) =>
        split((objects.get(kind) ?? new Map()) as Map<string, KindMap[K] | undefined>),
    };
  }
}

export interface TakenChanges {
  readonly bundles: BundleChanges;
  of<K extends Kind>(kind: K): ObjectChanges<KindMap[K]>;
}

function split<T>(changes: ReadonlyMap<string, T | undefined>): ObjectChanges<T> {
  const upserted: T[] = [];
  const removed: string[] = [];
  for (const [key, value] of changes) {
    if (value === undefined) removed.push(key);
    else upserted.push(value);
  }
  return { upserted, removed };
}
