import {
  type AnyObject,
  type BundleChanges,
  type EndpointSlice,
  objectKey,
  type ServiceBundle,
} from '../objects/index.ts';
import type { Store, WatchEvent } from '../store/index.ts';
import { ownerOf, sameBundle, ServiceParts } from './service-parts.ts';

export type BundleListener = (changes: BundleChanges) => void;

/**
 * Watches Services and what belongs to them, and tells of changes Service by Service. One batch
 * of the store makes at most one call, with each changed Service once; a change costs what its
 * Services cost. The first call carries everything, also when there is nothing, once the initial
 * list is complete: whoever compiles from it never sees half a world.
 *
 * Which Services to leave alone is for compilers to decide: all are bundled.
 */
export class BundleIndex implements Disposable {
  readonly #listener: BundleListener;
  readonly #watch: Disposable;
  readonly #parts = new Map<string, ServiceParts>();
  /** Owner by slice key: a slice whose label changes leaves its old Service. */
  readonly #ownerOfSlice = new Map<string, string>();
  /** What the listener knows. */
  readonly #told = new Map<string, ServiceBundle>();
  readonly #dirty = new Set<string>();
  #complete = false;

  constructor(store: Pick<Store, 'watch'>, listener: BundleListener) {
    this.#listener = listener;
    this.#watch = store.watch(
      { kinds: ['Service', 'EndpointSlice', 'EndpointHealth'], sendInitialEvents: true },
      (events) => this.#take(events),
    );
  }

  /** The bundle as the listener last heard of it, by `namespace/name`. */
  get(key: string): ServiceBundle | undefined {
    return this.#told.get(key);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #take(events: readonly WatchEvent[]): void {
    const first = !this.#complete;
    for (const event of events) {
      if (event.type === 'BOOKMARK') this.#complete ||= event.initialEventsEnd;
      else this.#note(event.object, event.type !== 'DELETED');
    }
    if (this.#complete) this.#tell(first);
  }

  #note(object: AnyObject, present: boolean): void {
    if (object.kind === 'Service') {
      this.#touch(objectKey(object.metadata)).service = present ? object : undefined;
    } else if (object.kind === 'EndpointHealth') {
      this.#touch(objectKey(object.metadata)).health = present ? object : undefined;
    } else if (object.kind === 'EndpointSlice') {
      this.#noteSlice(object, present);
    }
  }

  #noteSlice(slice: EndpointSlice, present: boolean): void {
    const key = objectKey(slice.metadata);
    const before = this.#ownerOfSlice.get(key);
    const now = present ? ownerOf(slice) : undefined;
    if (before !== undefined && before !== now) this.#touch(before).slices.delete(key);
    if (now === undefined) {
      this.#ownerOfSlice.delete(key);
    } else {
      this.#ownerOfSlice.set(key, now);
      this.#touch(now).slices.set(key, slice);
    }
  }

  #touch(key: string): ServiceParts {
    this.#dirty.add(key);
    const known = this.#parts.get(key);
    if (known) return known;
    const parts = new ServiceParts();
    this.#parts.set(key, parts);
    return parts;
  }

  #tell(first: boolean): void {
    const upserted: ServiceBundle[] = [];
    const removed: string[] = [];
    for (const key of this.#dirty) {
      const parts = this.#parts.get(key);
      if (parts?.isEmpty) this.#parts.delete(key);
      const bundle = parts?.toBundle();
      if (sameBundle(bundle, this.#told.get(key))) continue;
      if (bundle) {
        this.#told.set(key, bundle);
        upserted.push(bundle);
      } else {
        this.#told.delete(key);
        removed.push(key);
      }
    }
    this.#dirty.clear();
    if (first || upserted.length > 0 || removed.length > 0) this.#listener({ upserted, removed });
  }
}
