/** More would not be read; the object itself tells the rest. */
const maxFields = 6;

/** What every write changes and nobody asks about. */
const uninteresting: ReadonlySet<string> = new Set([
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.managedFields',
]);

/** Paths at which two objects differ, as kubectl writes them, the deepest that tell. */
export function changedFields(before: unknown, after: unknown): readonly string[] {
  const found: string[] = [];
  compare(before, after, '', found);
  return found;
}

function compare(before: unknown, after: unknown, path: string, found: string[]): void {
  if (found.length >= maxFields || before === after || uninteresting.has(path)) return;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return void found.push(path);
    for (const [index, value] of before.entries()) {
      compare(value, after[index], `${path}[${index}]`, found);
    }
    return;
  }
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[key], after[key], path === '' ? key : `${path}.${key}`, found);
    }
    return;
  }
  found.push(path);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
