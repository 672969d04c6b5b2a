import { differenceBelow, type FieldSet, noFields } from './field-set.ts';
import type { JsonObject } from './json.ts';
import type { ValueType } from './value-type.ts';

/** Who writes an object, through which endpoint. */
export interface FieldWriter {
  /** `?fieldManager=`, or what `managerOf` makes of the client's name. */
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: '' | 'status' | 'scale';
  /** RFC 3339, whole seconds. */
  readonly now: string;
  readonly schema: ValueType;
  /** Top-level fields that this endpoint does not write: `status` for the main one. */
  readonly reset: readonly string[];
}

/** Fields that nobody owns: the identity of the object and what the server keeps about it. */
const serverFields: FieldSet = {
  members: new Set(['f:apiVersion', 'f:kind', 'f:metadata']),
  children: new Map(),
};
const serverMetadata: FieldSet = {
  members: new Set(
    [
      'creationTimestamp',
      'deletionTimestamp',
      'deletionGracePeriodSeconds',
      'generation',
      'managedFields',
      'name',
      'namespace',
      'resourceVersion',
      'selfLink',
      'uid',
    ].map((name) => `f:${name}`),
  ),
  children: new Map(),
};

/** What of a set of fields this writer can own. */
export function ownable(set: FieldSet, writer: Pick<FieldWriter, 'reset'>): FieldSet {
  const reset = new Set(writer.reset.map((name) => `f:${name}`));
  const metadata = reset.has('f:metadata') ? undefined : set.children.get('f:metadata');
  const rest = differenceBelow(set, {
    members: new Set([...serverFields.members, ...reset]),
    children: new Map(),
  });
  const owned = metadata === undefined ? noFields : differenceBelow(metadata, serverMetadata);
  if (owned.members.size === 0 && owned.children.size === 0) return rest;
  return { members: rest.members, children: new Map([...rest.children, ['f:metadata', owned]]) };
}

/** What of an object this writer may state. */
export function writable(object: JsonObject, writer: Pick<FieldWriter, 'reset'>): JsonObject {
  const reset = new Set(writer.reset);
  return Object.fromEntries(Object.entries(object).filter(([key]) => !reset.has(key)));
}

/** A client that gives no name is called by its program: `kubectl/v1.32.4 (linux/amd64)`. */
export function managerOf(userAgent: string | undefined): string {
  const program = (userAgent ?? '').split('/')[0] ?? '';
  // Limits of the fieldManager parameter (meta/v1 validation): 128 printable characters.
  const printable = program.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 128);
  return printable === '' ? 'unknown' : printable;
}
