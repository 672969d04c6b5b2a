import { isJsonObject, type JsonObject, ownField } from './json.ts';
import { PatchError } from './patch-error.ts';

/**
 * JSON Merge Patch (RFC 7386): objects merge, null removes, everything else replaces.
 * @throws PatchError `BadRequest` for a patch that is no object: the result would be none either
 */
export function applyMergePatch(target: JsonObject, patch: unknown): JsonObject {
  if (!isJsonObject(patch)) throw new PatchError('BadRequest', 'a merge patch must be an object');
  return merge(target, patch);
}

function merge(target: unknown, patch: JsonObject): JsonObject {
  const base = isJsonObject(target) ? target : {};
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, isJsonObject(value) ? merge(ownField(base, key), value) : value);
  }
  return Object.fromEntries(merged);
}
