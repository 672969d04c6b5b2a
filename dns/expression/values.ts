/** What an expression may come to. */
export type Value = string | number | boolean | readonly Value[];

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** @throws TypeError unless it is true or false */
export function asBoolean(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  throw new TypeError(`${describe(value)} is neither true nor false`);
}

/** @throws TypeError unless it is text */
export function asText(value: Value): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`${describe(value)} is no text`);
}

/** @throws TypeError unless it is a number */
export function asNumber(value: Value): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`${describe(value)} is no number`);
}

/** @throws TypeError unless it is a list */
export function asList(value: Value): readonly Value[] {
  if (isList(value)) return value;
  throw new TypeError(`${describe(value)} is no list`);
}

function describe(value: Value): string {
  return JSON.stringify(value);
}
