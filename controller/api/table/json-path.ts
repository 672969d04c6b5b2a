import { ageText } from '../../base/index.ts';

/**
 * The cell of a printer column: its JSONPath is a path of keys and indexes (`.spec.size`,
 * `.status.conditions[0].type`, `.metadata.labels['a.b/c']`), with conditions found by a key
 * (`.status.conditions[?(@.type=="Ready")].status`). Dates are shown as ages.
 */
export function jsonPathText(
  object: unknown,
  path: string,
  type: string,
  nowMs: number,
): string | number | boolean | null {
  const value = jsonPathValue(object, path);
  if (value === undefined || value === null) return null;
  if (type === 'date') return typeof value === 'string' ? ageText(value, nowMs) : '<unknown>';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  return JSON.stringify(value);
}

const step =
  /\.?(?:\[\?\(@\.([\w-]+)\s*==\s*["']([^"']*)["']\)\]|\[(\d+)\]|\[['"]([^'"]+)['"]\]|((?:[\w-]|\\\.)+))/y;

/** What the path leads to; undefined for nothing, and for paths of other forms. */
export function jsonPathValue(object: unknown, path: string): unknown {
  let value = object;
  const text = path.startsWith('$') ? path.slice(1) : path;
  step.lastIndex = 0;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (!match) return undefined;
    const [, filterKey, filterValue, index, quoted, word] = match;
    if (filterKey !== undefined) {
      value = Array.isArray(value)
        ? value.find((one: unknown) => own(one, filterKey) === filterValue)
        : undefined;
    } else if (index !== undefined) {
      value = Array.isArray(value) ? (value as readonly unknown[])[Number(index)] : undefined;
    } else {
      value = own(value, quoted ?? (word ?? '').replaceAll('\\.', '.'));
    }
  }
  return value;
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}
