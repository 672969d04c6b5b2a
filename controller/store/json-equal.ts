/**
 * Whether two JSON-like values say the same: order of keys does not count, and a key that holds
 * `undefined` equals an absent one. Stops at the first difference and at shared references, so
 * that comparing a value with a changed copy costs what changed and not what is there.
 */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && arraysEqual(a, b);
  }
  return isRecord(a) && isRecord(b) && recordsEqual(a, b);
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null;
}

function arraysEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    if (!jsonEqual(a[index], b[index])) return false;
  }
  return true;
}

function recordsEqual(a: JsonRecord, b: JsonRecord): boolean {
  let inA = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    inA += 1;
    if (!Object.hasOwn(b, key) || !jsonEqual(a[key], b[key])) return false;
  }
  let inB = 0;
  for (const key in b) if (b[key] !== undefined) inB += 1;
  return inA === inB;
}
