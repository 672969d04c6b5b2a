/** What stands at a dotted path of a value of any shape; undefined where the path leads nowhere. */
export function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Text at the path; '' where there is none. */
export function textAt(object: unknown, path: string): string {
  const value = valueAt(object, path);
  return typeof value === 'string' ? value : '';
}

/** A number at the path, or `otherwise`. */
export function numberAt(object: unknown, path: string, otherwise = 0): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : otherwise;
}

/** A map of texts at the path. */
export function recordAt(
  object: unknown,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const value = valueAt(object, path);
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(
    Object.entries(value).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );
}
