import { isJsonObject, type JsonObject } from './json.ts';
import { PatchError } from './patch-error.ts';

/**
 * A set of paths into an object, as `managedFields` writes it (FieldsV1). Path elements are its
 * keys: `f:name` a field, `k:{"port":80}` an element of a map list, `v:"x"` one of a set.
 * A path can be a member itself, have members below it, or both. Never changed once made.
 */
export interface FieldSet {
  readonly members: ReadonlySet<string>;
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** A set that is being made. */
export interface FieldSetBuilder extends FieldSet {
  readonly members: Set<string>;
  readonly children: Map<string, FieldSetBuilder>;
}

export const noFields: FieldSet = { members: new Set(), children: new Map() };

export function emptyBuilder(): FieldSetBuilder {
  return { members: new Set(), children: new Map() };
}

/** Adds a path; the empty one is no path. */
export function insert(set: FieldSetBuilder, path: readonly string[]): void {
  const last = path.at(-1);
  if (last === undefined) return;
  let at = set;
  for (const element of path.slice(0, -1)) {
    let below = at.children.get(element);
    if (below === undefined) {
      below = emptyBuilder();
      at.children.set(element, below);
    }
    at = below;
  }
  at.members.add(last);
}

export function isEmpty(set: FieldSet): boolean {
  if (set.members.size > 0) return false;
  for (const below of set.children.values()) if (!isEmpty(below)) return false;
  return true;
}

/** Without even empty children: the usual answer to what a change removed, or somebody owned. */
function isBare({ members, children }: FieldSet): boolean {
  return members.size === 0 && children.size === 0;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isBare(a)) return b;
  if (isBare(b)) return a;
  return combine(a, b, (inA, inB) => inA || inB);
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, b, (inA, inB) => inA && inB);
}

/** Members of `a` that are none of `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isBare(a) || isBare(b)) return a;
  return combine(a, b, (inA, inB) => inA && !inB);
}

/** As `difference`, and without everything below the members of `b`. */
export function differenceBelow(a: FieldSet, b: FieldSet): FieldSet {
  const members = new Set([...a.members].filter((element) => !b.members.has(element)));
  const children = new Map<string, FieldSet>();
  for (const [element, below] of a.children) {
    if (b.members.has(element)) continue;
    const other = b.children.get(element);
    const left = other === undefined ? below : differenceBelow(below, other);
    if (!isEmpty(left)) children.set(element, left);
  }
  return { members, children };
}

function combine(
  a: FieldSet,
  b: FieldSet,
  keep: (inA: boolean, inB: boolean) => boolean,
): FieldSet {
  const members = new Set<string>();
  for (const element of [...a.members, ...b.members]) {
    if (keep(a.members.has(element), b.members.has(element))) members.add(element);
  }
  const children = new Map<string, FieldSet>();
  for (const element of new Set([...a.children.keys(), ...b.children.keys()])) {
    const below = combine(
      a.children.get(element) ?? noFields,
      b.children.get(element) ?? noFields,
      keep,
    );
    if (!isEmpty(below)) children.set(element, below);
  }
  return { members, children };
}

export function setsEqual(a: FieldSet, b: FieldSet): boolean {
  return isEmpty(difference(a, b)) && isEmpty(difference(b, a));
}

/** Every member, as the path that leads to it. */
export function* paths(
  set: FieldSet,
  above: readonly string[] = [],
): Generator<readonly string[], void> {
  for (const element of set.members) yield [...above, element];
  for (const [element, below] of set.children) yield* paths(below, [...above, element]);
}

/** The FieldsV1 form, with its keys in order: the same set is the same text. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const elements = [...new Set([...set.members, ...set.children.keys()])].sort();
  const entries = elements.flatMap((element) => {
    const below = set.children.get(element);
    if (below === undefined || isEmpty(below)) {
      return set.members.has(element) ? [[element, {}] as const] : [];
    }
    const own = set.members.has(element) ? { '.': {} } : {};
    return [[element, { ...own, ...toFieldsV1(below) }] as const];
  });
  return Object.fromEntries(entries);
}

/** @throws PatchError `BadRequest` for what is no FieldsV1 */
export function fromFieldsV1(json: unknown): FieldSet {
  if (!isJsonObject(json)) throw new PatchError('BadRequest', 'fieldsV1 must be an object');
  const members = new Set<string>();
  const children = new Map<string, FieldSet>();
  for (const [element, below] of Object.entries(json)) {
    if (element === '.') continue;
    if (!/^[fkvi]:/.test(element) || !isJsonObject(below)) {
      throw new PatchError(
        'BadRequest',
        `fieldsV1 has ${JSON.stringify(element)}, which is no path`,
      );
    }
    const set = fromFieldsV1(below);
    if (Object.keys(below).length === 0 || Object.hasOwn(below, '.')) members.add(element);
    if (!isEmpty(set)) children.set(element, set);
  }
  return { members, children };
}
