import { jsonEqual } from '../../store/index.ts';
import { checkApplied } from './check-applied.ts';
import { compareFields } from './compare-fields.ts';
import {
  difference,
  type FieldSet,
  intersection,
  isEmpty,
  noFields,
  setsEqual,
  union,
} from './field-set.ts';
import { type FieldWriter, ownable, writable } from './field-writer.ts';
import { fieldsOf } from './fields-of.ts';
import { isJsonList, isJsonObject, type JsonObject } from './json.ts';
import { fieldsOfLastApplied, withLastApplied } from './last-applied.ts';
import { type ManagedFields, managerKey, withManagedFields } from './managed-fields.ts';
import { mergeValues } from './merge-values.ts';
import { afterChange, conflictError, conflictsOf } from './ownership.ts';
import { removeFields, withParents } from './remove-fields.ts';
import { afterUpdate, storedOwners, withoutOwners } from './track-update.ts';
import type { ValueType } from './value-type.ts';

/** The manager by which `kubectl apply --server-side` goes, and only it follows client-side apply. */
const kubectl = 'kubectl';

/** Who owns what an object had before anybody applied to it. */
const beforeFirstApply = 'before-first-apply';

/**
 * Server-side apply (structured-merge-diff, Apply): the live object with what is applied, without
 * what this manager applied before and no more does unless others own it, and with its owners.
 * `live` undefined creates. The same object where nothing changes.
 * @throws PatchError `Conflict` when others own what would change and `force` is not set;
 * `BadRequest` for a configuration that cannot be applied
 */
export function applyConfiguration(
  live: JsonObject | undefined,
  applied: JsonObject,
  writer: FieldWriter,
  options: { readonly force: boolean },
): JsonObject {
  checkApplied(applied, writer.schema);
  const stated = withoutNulls(writable(applied, writer));
  const { manager, apiVersion, subresource, now, schema } = writer;
  const entry = { manager, operation: 'Apply', apiVersion, subresource } as const;
  const key = managerKey(entry);
  const before = ownersBefore(live, writer);
  const former = before.get(key);
  const fields = ownable(fieldsOf(stated, schema), writer);
  const owners: ManagedFields = new Map([...before, [key, { ...entry, fields, time: now }]]);
  const bare = live === undefined ? {} : withoutOwners(live);
  const merged = asObject(mergeValues(bare, stated, schema));
  const pruned =
    former === undefined ? merged : prune(merged, former.fields, stated, owners, schema);
  const change = compareFields(bare, pruned, schema);
  if (!options.force) refuseConflicts(live, owners, key, change, writer);
  const next = manager === kubectl ? withLastApplied(pruned, applied) : pruned;
  // A manager that states nothing has no entry, the first time as well as later.
  const unchanged = setsEqual(former?.fields ?? noFields, fields);
  if (live !== undefined && unchanged && jsonEqual(bare, next)) return live;
  return withManagedFields(next, afterChange(owners, key, change));
}

function ownersBefore(live: JsonObject | undefined, writer: FieldWriter): ManagedFields {
  const stored = storedOwners(live);
  if (live === undefined || stored.size > 0) return stored;
  const { apiVersion, now, schema } = writer;
  const reset: readonly string[] = [];
  const unnamed = { manager: beforeFirstApply, apiVersion, now, schema, reset } as const;
  return afterUpdate(undefined, live, stored, { ...unnamed, subresource: '' });
}

function refuseConflicts(
  live: JsonObject | undefined,
  owners: ManagedFields,
  key: string,
  change: ReturnType<typeof compareFields>,
  writer: FieldWriter,
): void {
  const conflicts = conflictsOf(owners, key, change);
  if (conflicts.length === 0) return;
  const followed =
    live !== undefined && writer.manager === kubectl
      ? fieldsOfLastApplied(live, writer.schema)
      : undefined;
  const left = conflicts.flatMap(({ owner, fields }) => {
    const refused = followed === undefined ? fields : difference(fields, followed);
    return isEmpty(refused) ? [] : [{ owner, fields: refused }];
  });
  if (left.length > 0) throw conflictError(left);
}

/**
 * Removes what this manager applied last and no more does, but keeps what others own, and what
 * lies inside without ever having been applied.
 */
function prune(
  merged: JsonObject,
  last: FieldSet,
  stated: JsonObject,
  owners: ManagedFields,
  schema: ValueType,
): JsonObject {
  const parents = (set: FieldSet): FieldSet => withParents(set, schema);
  const without = (set: FieldSet): JsonObject => asObject(removeFields(merged, set, schema));
  const all = parents(fieldsOf(merged, schema));
  const present = (object: JsonObject): FieldSet => parents(fieldsOf(object, schema));
  const removed = without(parents(last));
  // With the identity, which nobody owns but everybody states.
  const owned = parents(
    [...owners.values()].map((entry) => entry.fields).reduce(union, fieldsOf(stated, schema)),
  );
  const kept = without(difference(all, union(present(removed), owned)));
  const left = without(intersection(difference(all, present(kept)), parents(last)));
  // Objects and lists that are stated empty stay although nothing of them is left.
  return asObject(mergeValues(left, stated, schema));
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** null states nothing: as for a typed client, which drops it. */
function withoutNulls(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null && inner !== undefined)
      .map(([key, inner]) => [key, nullsDropped(inner)]),
  );
}

function nullsDropped(value: unknown): unknown {
  if (isJsonList(value)) return value.map(nullsDropped);
  return isJsonObject(value) ? withoutNulls(value) : value;
}
