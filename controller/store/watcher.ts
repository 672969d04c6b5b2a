import type { KubeObject } from '../objects/index.ts';
import type { Change } from './change-log.ts';
import type { ObjectEvent, ObjectListener, ObjectType } from './object-store.ts';
import type { Selection } from './selection.ts';
import { withVersion } from './written-form.ts';

/** One watch: what it wants, how far it is, and what it must hear first. */
export interface Watcher {
  readonly listener: ObjectListener;
  /** Undefined: every type. */
  readonly kinds: ReadonlySet<ObjectType> | undefined;
  readonly namespace: string | undefined;
  readonly selection: Selection;
  readonly bookmarks: boolean;
  /** In the change log: what lies before is delivered, or does not concern this watcher. */
  position: number;
  /** Waits for the first delivery. */
  initial: ObjectEvent[];
  /** Version of the last event or bookmark handed over. */
  toldVersion: number;
}

/** What one change means to one watcher; undefined: nothing. */
export function eventFor(watcher: Watcher, change: Change): ObjectEvent | undefined {
  const { kinds, namespace, selection } = watcher;
  if (kinds && !kinds.has(change.kind)) return undefined;
  const { type, object, previous } = change;
  if (namespace !== undefined && (object.metadata.namespace ?? '') !== namespace) return undefined;
  const is = type !== 'DELETED' && (selection?.(object) ?? true);
  const was = previous !== undefined && (selection?.(previous) ?? true);
  if (is) {
    return was ? { type: 'MODIFIED', object, previous } : { type: 'ADDED', object };
  }
  if (!was) return undefined;
  return { type: 'DELETED', object: lastSeen(previous, change) };
}

/** An object that only stopped matching leaves as it was last seen, under the new version. */
function lastSeen(previous: KubeObject, { type, object, version }: Change): KubeObject {
  return type === 'DELETED' ? object : withVersion(previous, String(version));
}
