import type { HeadFields } from '../http1/index.ts';

/** The values of a field, one for each line. `name` in lower case. */
export function valuesOf(fields: HeadFields, name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index < fields.count; index += 1) {
    const written = fields.name(index);
    if (written.length === name.length && written.toLowerCase() === name) {
      values.push(fields.value(index));
    }
  }
  return values;
}

/** The value of the first line of a field. `name` in lower case. */
export function firstOf(fields: HeadFields, name: string): string | undefined {
  return valuesOf(fields, name)[0];
}
