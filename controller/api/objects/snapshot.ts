import type { KubeObject } from '../../objects/index.ts';
import type { ListOptions, ObjectEvent } from '../../store/index.ts';
import type { ApiContext } from '../server/context.ts';

/**
 * The objects of a list as they were at `version`: what has changed since is undone from the kept
 * history, so that all pages of a list are of one moment. What was deleted meanwhile stands under
 * the version of its deletion.
 * @throws StoreError `Expired` when the history does not go back so far
 */
export async function objectsAt(
  { objects }: Pick<ApiContext, 'objects'>,
  type: string,
  options: ListOptions,
  version: string,
): Promise<readonly KubeObject[]> {
  if (version === objects.resourceVersion) return objects.list(type, options).items;
  const changes: ObjectEvent[] = [];
  const watch = objects.watch({ ...options, types: [type], resourceVersion: version }, (events) => {
    changes.push(...events);
  });
  // What is kept is told in the next microtask; the list is read in the one after.
  await Promise.resolve();
  watch[Symbol.dispose]();
  const then = new Map(objects.list(type, options).items.map((one) => [keyOf(one), one]));
  for (const change of changes.toReversed()) undo(change, then);
  return [...then.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function undo(change: ObjectEvent, objects: Map<string, KubeObject>): void {
  switch (change.type) {
    case 'ADDED':
      objects.delete(keyOf(change.object));
      break;
    case 'MODIFIED':
      objects.set(keyOf(change.object), change.previous);
      break;
    case 'DELETED':
      objects.set(keyOf(change.object), change.object);
      break;
    case 'BOOKMARK':
      break;
    default:
      change satisfies never;
  }
}

/** Sorts as lists are sorted: NUL is less than whatever names may contain. */
function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}\0${metadata.name}`;
}
