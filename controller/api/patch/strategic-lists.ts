import { isJsonObject, type JsonObject, ownField } from './json.ts';
import { PatchError } from './patch-error.ts';

/** Lists of scalars merge as sets: what the patch adds comes last. */
export function mergeScalarLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  directives: {
    readonly deleted: readonly unknown[] | undefined;
    readonly order: readonly unknown[] | undefined;
  },
): readonly unknown[] {
  const deleted = new Set(directives.deleted);
  const merged = [...new Set([...original.filter((value) => !deleted.has(value)), ...patch])];
  return directives.order === undefined
    ? merged
    : inOrder(merged, original, directives.order, (value) => value);
}

/** How lists of objects merge: by the value of `key`. */
export interface ObjectListMerge {
  readonly key: string;
  /** `$setElementOrder`: the elements (at least their keys) in the order that is wanted. */
  readonly order: readonly unknown[] | undefined;
  /** Where the list stands, for messages. */
  readonly at: string;
  merge(original: JsonObject, patch: JsonObject): JsonObject;
}

/** @throws PatchError `BadRequest` for elements without their key, and unknown directives */
export function mergeObjectLists(
  original: readonly unknown[],
  patch: readonly unknown[],
  how: ObjectListMerge,
): readonly unknown[] {
  const keyOf = (element: unknown): unknown =>
    isJsonObject(element) ? ownField(element, how.key) : element;
  const { replaces, deletes, merges } = sortOut(patch, how, keyOf);
  const kept = replaces ? [] : original.filter((element) => !deletes.has(keyOf(element)));
  const merged: unknown[] = [...kept];
  // The first of equal keys is the one that merges, as upstream; Service ports may share a number.
  const indexes = new Map<unknown, number>();
  for (const [index, element] of merged.entries()) {
    if (!indexes.has(keyOf(element))) indexes.set(keyOf(element), index);
  }
  for (const change of merges) {
    const index = replaces ? undefined : indexes.get(keyOf(change));
    const before = index === undefined ? undefined : merged[index];
    const next = how.merge(isJsonObject(before) ? before : {}, change);
    if (index !== undefined) merged[index] = next;
    else {
      indexes.set(keyOf(change), merged.length);
      merged.push(next);
    }
  }
  if (how.order === undefined) return merged;
  return inOrder(merged, original, how.order.map(keyOf), keyOf);
}

function sortOut(
  patch: readonly unknown[],
  how: ObjectListMerge,
  keyOf: (element: unknown) => unknown,
): { replaces: boolean; deletes: ReadonlySet<unknown>; merges: readonly JsonObject[] } {
  let replaces = false;
  const deletes = new Set<unknown>();
  const merges: JsonObject[] = [];
  for (const element of patch) {
    if (!isJsonObject(element)) {
      throw new PatchError('BadRequest', `${how.at}: elements must be objects with ${how.key}`);
    }
    const { $patch: asked, ...rest } = element;
    if (asked === 'replace' && keyOf(rest) === undefined) replaces = true;
    else if (keyOf(rest) === undefined) {
      throw new PatchError('BadRequest', `${how.at}: an element of the patch lacks ${how.key}`);
    } else if (asked === 'delete') deletes.add(keyOf(rest));
    else merges.push(element);
  }
  return { replaces, deletes, merges };
}

/**
 * The elements named in `order` in that order; those only the server has keep their place among
 * the ones they stood with (strategicpatch, normalizeElementOrder).
 */
function inOrder(
  merged: readonly unknown[],
  original: readonly unknown[],
  order: readonly unknown[],
  keyOf: (element: unknown) => unknown,
): readonly unknown[] {
  const wanted = new Map(order.map((key, index) => [key, index] as const));
  const place = new Map(original.map((element, index) => [keyOf(element), index] as const));
  const rank = (element: unknown): number => wanted.get(keyOf(element)) ?? 0;
  const named = merged
    .filter((element) => wanted.has(keyOf(element)))
    .toSorted((a, b) => rank(a) - rank(b));
  const serverOnly = merged.filter((element) => !wanted.has(keyOf(element)));
  const ordered: unknown[] = [];
  let next = 0;
  for (const element of named) {
    const before = place.get(keyOf(element));
    // A server-only element goes first only where it already stood before this one.
    for (; next < serverOnly.length; next += 1) {
      const standing = place.get(keyOf(serverOnly[next]));
      if (standing === undefined || before === undefined || standing >= before) break;
      ordered.push(serverOnly[next]);
    }
    ordered.push(element);
  }
  return [...ordered, ...serverOnly.slice(next)];
}
