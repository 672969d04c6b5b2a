import { jsonEqual } from '../../store/index.ts';
import { compareFields } from './compare-fields.ts';
import { difference, type FieldSet, noFields, setsEqual, union } from './field-set.ts';
import { type FieldWriter, ownable } from './field-writer.ts';
import { type JsonObject, metadataOf, withField } from './json.ts';
import {
  asksForReset,
  type ManagedFields,
  managerKey,
  readManagedFields,
  withManagedFields,
} from './managed-fields.ts';
import { afterChange } from './ownership.ts';
import { PatchError } from './patch-error.ts';

/**
 * The object that a create, update or patch stores, with its owners: the writer owns what it
 * changed, everybody else loses that. A stored object without owners stays without, until somebody
 * applies to it. `next` may bring owners of its own, as kubectl does when it moves from client-side
 * to server-side apply; `[{}]` forgets them all.
 */
export function trackUpdate(
  live: JsonObject | undefined,
  next: JsonObject,
  writer: FieldWriter,
): JsonObject {
  if (asksForReset(next) && writer.subresource === '') return withManagedFields(next, new Map());
  const before = ownersBefore(live, next, writer);
  if (live !== undefined && before.size === 0) return withManagedFields(next, new Map());
  if (live !== undefined && jsonEqual(withoutOwners(live), withoutOwners(next))) {
    return withManagedFields(next, before);
  }
  return withManagedFields(next, afterUpdate(live, next, before, writer));
}

/** Who owns what once `writer` made `next` of `live`. */
export function afterUpdate(
  live: JsonObject | undefined,
  next: JsonObject,
  before: ManagedFields,
  writer: FieldWriter,
): ManagedFields {
  const { manager, apiVersion, subresource, now } = writer;
  const entry = { manager, operation: 'Update', apiVersion, subresource } as const;
  const key = managerKey(entry);
  const change = compareFields(
    live === undefined ? {} : withoutOwners(live),
    withoutOwners(next),
    writer.schema,
  );
  const managed = new Map(afterChange(before, key, change));
  const former = before.get(key);
  const fields = ownable(
    union(
      difference(former?.fields ?? noFields, change.removed),
      union(change.added, change.modified),
    ),
    writer,
  );
  managed.set(key, { ...entry, fields, time: timeOf(former, fields, now) });
  return managed;
}

function timeOf(
  former: { readonly fields: FieldSet; readonly time: string } | undefined,
  fields: FieldSet,
  now: string,
): string {
  return former !== undefined && setsEqual(former.fields, fields) ? former.time : now;
}

/** Owners as the request states them; those of the stored object where it states none. */
function ownersBefore(
  live: JsonObject | undefined,
  next: JsonObject,
  writer: FieldWriter,
): ManagedFields {
  if (writer.subresource !== '') return storedOwners(live);
  const stated = readManagedFields(next);
  return stated.size > 0 ? stated : storedOwners(live);
}

/** Owners of a stored object; none where something else wrote what cannot be read. */
export function storedOwners(live: JsonObject | undefined): ManagedFields {
  if (live === undefined) return new Map();
  try {
    return readManagedFields(live);
  } catch (error) {
    if (error instanceof PatchError) return new Map();
    throw error;
  }
}

/** An object without what says who owns it: not itself a field that anybody owns. */
export function withoutOwners(object: JsonObject): JsonObject {
  return { ...object, metadata: withField(metadataOf(object), 'managedFields', undefined) };
}
