import { type FieldSet, fromFieldsV1, isEmpty, toFieldsV1, union } from './field-set.ts';
import { isJsonList, isJsonObject, type JsonObject, metadataOf, textField } from './json.ts';
import { PatchError } from './patch-error.ts';

/** One owner of fields: an entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  /** RFC 3339; '' when the entry says none. */
  readonly time: string;
  readonly fields: FieldSet;
}

/** Owners by `managerKey`. */
export type ManagedFields = ReadonlyMap<string, ManagedFieldsEntry>;

/** As upstream: with more, the oldest entries of updates become one (`maxUpdateManagers`). */
const maxUpdateManagers = 10;
const mergedManager = 'ancient-changes';

/**
 * Entries that an object may have in all. Appliers are never merged, so that each can give up what
 * it owns; a thousand of them are no real use.
 */
const maxManagers = 1000;

/** What tells managers apart: everything of an entry but when and what. */
export function managerKey(entry: Omit<ManagedFieldsEntry, 'time' | 'fields'>): string {
  return JSON.stringify([entry.manager, entry.operation, entry.apiVersion, entry.subresource]);
}

/**
 * Reads `metadata.managedFields`.
 * @throws PatchError `BadRequest` when it is malformed
 */
export function readManagedFields(object: JsonObject): ManagedFields {
  const { managedFields } = metadataOf(object);
  if (managedFields === undefined || managedFields === null) return new Map();
  if (!isJsonList(managedFields) || managedFields.length > maxManagers) {
    throw new PatchError(
      'BadRequest',
      `metadata.managedFields must be a list of up to ${maxManagers} entries`,
    );
  }
  const read = new Map<string, ManagedFieldsEntry>();
  for (const [index, value] of managedFields.entries()) {
    const entry = readEntry(value, index);
    const same = read.get(managerKey(entry));
    const fields = same === undefined ? entry.fields : union(same.fields, entry.fields);
    read.set(managerKey(entry), { ...entry, fields });
  }
  return read;
}

function readEntry(value: unknown, index: number): ManagedFieldsEntry {
  const at = `metadata.managedFields[${index}]`;
  if (!isJsonObject(value)) throw new PatchError('BadRequest', `${at} must be an object`);
  const operation = textField(value, 'operation');
  if (operation !== 'Apply' && operation !== 'Update') {
    throw new PatchError('BadRequest', `${at}.operation must be Apply or Update`);
  }
  if (textField(value, 'fieldsType') !== 'FieldsV1') {
    throw new PatchError('BadRequest', `${at}.fieldsType must be FieldsV1`);
  }
  return {
    manager: textField(value, 'manager'),
    operation,
    apiVersion: textField(value, 'apiVersion'),
    subresource: textField(value, 'subresource'),
    time: textField(value, 'time'),
    fields: fromFieldsV1(value['fieldsV1'] ?? {}),
  };
}

/** True for `managedFields: [{}]`, by which a client asks to forget all owners. */
export function asksForReset(object: JsonObject): boolean {
  const { managedFields } = metadataOf(object);
  if (!isJsonList(managedFields) || managedFields.length !== 1) return false;
  const [entry] = managedFields;
  return isJsonObject(entry) && Object.keys(entry).length === 0;
}

/** The object with these owners; without `managedFields` when there are none. */
export function withManagedFields(object: JsonObject, managed: ManagedFields): JsonObject {
  const { managedFields: _former, ...metadata } = metadataOf(object);
  const entries = capped([...managed.values()].filter((entry) => !isEmpty(entry.fields)));
  if (entries.length === 0) return { ...object, metadata };
  return {
    ...object,
    metadata: { ...metadata, managedFields: entries.sort(inWrittenOrder).map(writeEntry) },
  };
}

function writeEntry(entry: ManagedFieldsEntry): JsonObject {
  return {
    manager: entry.manager,
    operation: entry.operation,
    apiVersion: entry.apiVersion,
    ...(entry.time === '' ? {} : { time: entry.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: toFieldsV1(entry.fields),
    ...(entry.subresource === '' ? {} : { subresource: entry.subresource }),
  };
}

/** Appliers first, then by age, then by name: as the API server writes them. */
function inWrittenOrder(a: ManagedFieldsEntry, b: ManagedFieldsEntry): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time, b.time) ||
    compareText(managerKey(a), managerKey(b))
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function capped(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updates = entries.filter((entry) => entry.operation === 'Update').sort(inWrittenOrder);
  const tooMany = updates.length - maxUpdateManagers;
  if (tooMany <= 0) return [...entries];
  // The merged entry takes one of the places.
  const oldest = updates.slice(0, tooMany + 1);
  const merged = new Map<string, ManagedFieldsEntry>();
  for (const entry of oldest) {
    const { apiVersion, time } = entry;
    const before = merged.get(apiVersion);
    merged.set(apiVersion, {
      manager: mergedManager,
      operation: 'Update',
      apiVersion,
      subresource: '',
      time,
      fields: before === undefined ? entry.fields : union(before.fields, entry.fields),
    });
  }
  return [...entries.filter((entry) => !oldest.includes(entry)), ...merged.values()];
}
