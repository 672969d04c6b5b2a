import type { Problem } from '../base/index.ts';
import type { Kind } from '../objects/index.ts';
import type { WatchEvent, WriteOperation } from '../store/index.ts';

/** A change of one object: a watch event that is no bookmark. */
export type ObjectEvent = Exclude<WatchEvent, { readonly type: 'BOOKMARK' }>;

/** What one key needs now. */
export interface Plan {
  /** Writes that make derived objects right. What is right already may be among them. */
  readonly operations: readonly WriteOperation[];
  /** Everything that is wrong now under this key. */
  readonly problems: readonly Problem[];
}

/**
 * Derives objects from objects. Level-triggered: a plan follows from what the store holds now and
 * not from the events that led there, so planning twice changes nothing, and a lost or doubled
 * event does no harm. Knows no queue, time or retry: those are the loop's.
 */
export interface Reconciler {
  readonly name: string;
  /** What it reads and what it writes: so that what others change is put right again. */
  readonly kinds: readonly Kind[];
  /** The keys that a change touches. The place to keep indexes up to date. */
  observe(event: ObjectEvent): Iterable<string>;
  plan(key: string): Plan;
}

/** Nothing to write, nothing wrong. */
export const nothingToDo: Plan = { operations: [], problems: [] };

/** The inverse of `objectKey` for namespaced objects. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}
