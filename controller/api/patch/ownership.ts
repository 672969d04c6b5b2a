import type { FieldComparison } from './compare-fields.ts';
import { difference, type FieldSet, intersection, isEmpty, paths, union } from './field-set.ts';
import type { ManagedFields, ManagedFieldsEntry } from './managed-fields.ts';
import { PatchError } from './patch-error.ts';
import { formatFieldPath } from './path-element.ts';

/** Fields that somebody changes although another owns them. */
export interface OwnershipConflict {
  readonly owner: ManagedFieldsEntry;
  readonly fields: FieldSet;
}

/** The other owners of what a change touches. */
export function conflictsOf(
  managed: ManagedFields,
  writerKey: string,
  change: FieldComparison,
): readonly OwnershipConflict[] {
  const touched = union(change.added, change.modified);
  return [...managed].flatMap(([key, owner]) => {
    if (key === writerKey) return [];
    const fields = intersection(owner.fields, touched);
    return isEmpty(fields) ? [] : [{ owner, fields }];
  });
}

/** What everybody but the writer owns after a change: no more what it set or removed. */
export function afterChange(
  managed: ManagedFields,
  writerKey: string,
  change: FieldComparison,
): ManagedFields {
  const lost = union(union(change.added, change.modified), change.removed);
  return new Map(
    [...managed].map(([key, entry]) => [
      key,
      key === writerKey ? entry : { ...entry, fields: difference(entry.fields, lost) },
    ]),
  );
}

/** The refusal of an apply that would take fields from their owners, as kubectl reads it. */
export function conflictError(conflicts: readonly OwnershipConflict[]): PatchError {
  const found = conflicts.flatMap(({ owner, fields }) =>
    [...paths(fields)].map((path) => ({ owner: nameOf(owner), field: formatFieldPath(path) })),
  );
  const causes = found.map(({ owner, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${owner}`,
    field,
  }));
  const [first] = found;
  if (first !== undefined && found.length === 1) {
    const message = `Apply failed with 1 conflict: conflict with ${first.owner}: ${first.field}`;
    return new PatchError('Conflict', message, causes);
  }
  const byOwner = [...Map.groupBy(found, ({ owner }) => owner)].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  const text = byOwner.map(
    ([owner, fields]) =>
      `conflicts with ${owner}:\n${fields.map(({ field }) => `- ${field}`).join('\n')}`,
  );
  return new PatchError(
    'Conflict',
    `Apply failed with ${found.length} conflicts: ${text.join('\n')}`,
    causes,
  );
}

function nameOf({ manager, operation, subresource, apiVersion }: ManagedFieldsEntry): string {
  const name = JSON.stringify(manager);
  const through = subresource === '' ? name : `${name} with subresource "${subresource}"`;
  return operation === 'Update' ? `${through} using ${apiVersion}` : through;
}
