import { isJsonList, isJsonObject } from '../patch/json.ts';
import type { Path } from '../../schema/index.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** A value without what its schema does not declare, and where that stood. */
export interface Pruned {
  readonly value: unknown;
  readonly unknown: readonly Path[];
}

/** What every object has, declared or not. */
const identity: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Drops undeclared fields, except where the schema preserves them. */
export function pruneCustom(schema: StructuralSchema, value: unknown): Pruned {
  const unknown: Path[] = [];
  return { value: prune({ ...schema, embedded: true }, value, [], unknown), unknown };
}

function prune(schema: StructuralSchema, value: unknown, path: Path, unknown: Path[]): unknown {
  if (isJsonList(value)) {
    const { items } = schema;
    if (items === undefined) return value;
    return value.map((one, index) => prune(items, one, [...path, index], unknown));
  }
  if (!isJsonObject(value)) return value;
  const kept: (readonly [string, unknown])[] = [];
  for (const [name, inner] of Object.entries(value)) {
    const field = schema.properties.get(name) ?? schema.additional;
    const isIdentity = schema.embedded && identity.has(name);
    if (field !== undefined && !(isIdentity && path.length === 0)) {
      kept.push([name, prune(field, inner, [...path, name], unknown)]);
    } else if (isIdentity || schema.preserveUnknown) kept.push([name, inner]);
    else unknown.push([...path, name]);
  }
  return Object.fromEntries(kept);
}
