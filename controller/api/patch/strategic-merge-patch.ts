import { isJsonObject, type JsonObject, ownField } from './json.ts';
import { PatchError } from './patch-error.ts';
import { mergeObjectLists, mergeScalarLists } from './strategic-lists.ts';
import { typeOfField, typeOfValue, type ValueType } from './value-type.ts';

/** Directives of a strategic merge patch: keys of the patch that are no fields. */
const directive = {
  patch: '$patch',
  retainKeys: '$retainKeys',
  setElementOrder: '$setElementOrder/',
  deleteFromPrimitiveList: '$deleteFromPrimitiveList/',
} as const;

/**
 * Strategic merge patch (apimachinery, pkg/util/strategicpatch): a merge patch in which the schema
 * says which lists merge, by which key, and directives (`$patch`, `$retainKeys`,
 * `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say the rest.
 * @throws PatchError `BadRequest` for a patch that is none
 */
export function applyStrategicMergePatch(
  target: JsonObject,
  patch: unknown,
  type: ValueType,
): JsonObject {
  if (!isJsonObject(patch)) {
    throw new PatchError('BadRequest', 'a strategic merge patch must be an object');
  }
  return mergeObjects(target, patch, type, '');
}

/** `path` is where the object stands, for messages. */
export function mergeObjects(
  original: JsonObject,
  patch: JsonObject,
  type: ValueType,
  path: string,
): JsonObject {
  const { [directive.patch]: asked, ...rest } = patch;
  if (asked === 'replace') return withoutDirectives(rest);
  if (asked === 'delete') return {};
  if (asked !== undefined && asked !== 'merge') {
    const text = JSON.stringify(asked);
    throw new PatchError(
      'BadRequest',
      `${path || 'the patch'}: $patch is ${text}, not merge, replace or delete`,
    );
  }
  const merged = new Map(Object.entries(retained(original, rest, path)));
  for (const [key, value] of Object.entries(rest)) {
    if (key.startsWith('$')) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, mergeField(original, rest, key, type, path));
  }
  // Lists may be ordered or have elements deleted without being in the patch themselves.
  for (const key of fieldsOfListDirectives(rest)) {
    if (Object.hasOwn(rest, key) || !merged.has(key)) continue;
    const list = mergeList(merged.get(key), [], rest, key, type, path);
    merged.set(key, list);
  }
  return Object.fromEntries(merged);
}

/** What `$retainKeys` leaves: with a union (a volume, a strategy), the other variants go. */
function retained(original: JsonObject, patch: JsonObject, path: string): JsonObject {
  const keys = ownField(patch, directive.retainKeys);
  if (keys === undefined) return original;
  if (!Array.isArray(keys)) {
    throw new PatchError('BadRequest', `${path}.${directive.retainKeys} must be a list of fields`);
  }
  const kept = new Set<unknown>(keys);
  for (const [key, value] of Object.entries(patch)) {
    if (!key.startsWith('$') && value !== null && !kept.has(key)) {
      throw new PatchError(
        'BadRequest',
        `${path}.${key} is in the patch, but not in ${directive.retainKeys}`,
      );
    }
  }
  return Object.fromEntries(Object.entries(original).filter(([key]) => kept.has(key)));
}

function mergeField(
  original: JsonObject,
  patch: JsonObject,
  key: string,
  type: ValueType,
  path: string,
): unknown {
  const value = patch[key];
  const before = ownField(original, key);
  const fieldType = typeOfKey(type, key);
  if (isJsonObject(value)) {
    return mergeObjects(isJsonObject(before) ? before : {}, value, fieldType, `${path}.${key}`);
  }
  return Array.isArray(value) ? mergeList(before, value, patch, key, type, path) : value;
}

function mergeList(
  before: unknown,
  patchList: readonly unknown[],
  patch: JsonObject,
  key: string,
  type: ValueType,
  path: string,
): unknown {
  const at = `${path}.${key}`;
  const listType = typeOfKey(type, key);
  const merge = listType.kind === 'list' ? listType.patchMerge : undefined;
  const deleted = directiveList(patch, directive.deleteFromPrimitiveList, key, path);
  const order = directiveList(patch, directive.setElementOrder, key, path);
  const original: readonly unknown[] = Array.isArray(before) ? before : [];
  if (merge === undefined) {
    return Object.hasOwn(patch, key) ? patchList.map(withoutDirectivesAnywhere) : original;
  }
  if (merge.key === undefined) return mergeScalarLists(original, patchList, { deleted, order });
  const elementType = listType.kind === 'list' ? listType.element() : listType;
  return mergeObjectLists(original, patchList, {
    key: merge.key,
    order,
    at,
    merge: (one, change) => mergeObjects(one, change, elementType, `${at}[${merge.key}]`),
  });
}

function typeOfKey(type: ValueType, key: string): ValueType {
  const concrete = typeOfValue(type, {});
  return concrete.kind === 'struct' || concrete.kind === 'map'
    ? typeOfField(concrete, key)
    : concrete;
}

function directiveList(
  patch: JsonObject,
  prefix: string,
  key: string,
  path: string,
): readonly unknown[] | undefined {
  const list = ownField(patch, `${prefix}${key}`);
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) {
    throw new PatchError('BadRequest', `${path}.${prefix}${key} must be a list`);
  }
  return list;
}

function fieldsOfListDirectives(patch: JsonObject): readonly string[] {
  const prefixes = [directive.setElementOrder, directive.deleteFromPrimitiveList];
  return Object.keys(patch).flatMap((key) =>
    prefixes.filter((prefix) => key.startsWith(prefix)).map((prefix) => key.slice(prefix.length)),
  );
}

/** New content as it is stored: nulls ask for nothing, directives have nothing to act on. */
function withoutDirectives(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !key.startsWith('$') && inner !== null)
      .map(([key, inner]) => [key, withoutDirectivesAnywhere(inner)]),
  );
}

function withoutDirectivesAnywhere(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectivesAnywhere);
  return isJsonObject(value) ? withoutDirectives(value) : value;
}
