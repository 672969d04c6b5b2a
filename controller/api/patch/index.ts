/** What PATCH does to an object, and who owns its fields. */
import { applyJsonPatch } from './json-patch.ts';
import type { JsonObject } from './json.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import type { ValueType } from './value-type.ts';

export { applyConfiguration } from './apply-configuration.ts';
export { type FieldWriter, managerOf } from './field-writer.ts';
export type { JsonObject } from './json.ts';
export { PatchError, type StatusCause } from './patch-error.ts';
export { trackUpdate } from './track-update.ts';
export { untypedType, type ValueType } from './value-type.ts';

/** The ways to patch. `apply` is `applyConfiguration`, the others `applyPatch`. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** Which of them a request means, by its media type. */
export const patchTypes: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
  ['application/apply-patch+yaml', 'apply'],
]);

/**
 * The object that a patch makes of another, not yet admitted.
 * @throws PatchError `BadRequest`, `Invalid`, `RequestEntityTooLarge`
 */
export function applyPatch(
  type: Exclude<PatchType, 'apply'>,
  target: JsonObject,
  patch: unknown,
  schema: ValueType,
): JsonObject {
  switch (type) {
    case 'json':
      return applyJsonPatch(target, patch);
    case 'merge':
      return applyMergePatch(target, patch);
    case 'strategic':
      return applyStrategicMergePatch(target, patch, schema);
    default:
      return type satisfies never;
  }
}
