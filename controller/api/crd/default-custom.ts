import { isJsonList, isJsonObject, ownField } from '../patch/json.ts';
import type { StructuralSchema } from './structural-schema.ts';

/**
 * A value with the schema's defaults where it says nothing. null says nothing, too, unless the
 * schema allows it. The same value where there is nothing to fill in.
 */
export function defaultCustom(schema: StructuralSchema, value: unknown): unknown {
  if (isJsonList(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((one) => defaultCustom(items, one));
  }
  if (!isJsonObject(value)) return value;
  const filled = new Map(Object.entries(value));
  for (const [name, field] of schema.properties) {
    const present = ownField(value, name);
    const isAbsent = present === undefined || (present === null && !field.nullable);
    if (isAbsent && field.defaultValue !== undefined) filled.set(name, field.defaultValue);
  }
  for (const [name, inner] of filled) {
    const field = schema.properties.get(name) ?? schema.additional;
    if (field !== undefined) filled.set(name, defaultCustom(field, inner));
  }
  return Object.fromEntries(filled);
}
