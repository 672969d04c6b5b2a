import { isJsonObject, ownField } from './json.ts';
import type { ListType } from './value-type.ts';

/** The path element of a field. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/**
 * The path element of a list's element: its key fields in a map list, itself in a set. Undefined
 * when it has no key at all, and so cannot be told from others.
 */
export function listElement(type: ListType, value: unknown): string | undefined {
  if (type.list === 'set') return `v:${JSON.stringify(value)}`;
  if (!isJsonObject(value)) return undefined;
  const found: [string, unknown][] = [];
  for (const { name, whenAbsent } of type.keys) {
    const field = ownField(value, name) ?? whenAbsent;
    if (field !== undefined && field !== null) found.push([name, field]);
  }
  if (found.length === 0) return undefined;
  // In order of the names: the same element is the same text.
  return `k:${JSON.stringify(Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** A path as Kubernetes prints it: `.spec.ports[port=80,protocol="TCP"].targetPort`. */
export function formatFieldPath(path: readonly string[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`;
    case 'v:':
      return `[=${rest}]`;
    case 'k:':
      return `[${formatKeys(rest)}]`;
    default:
      return `[${rest}]`;
  }
}

function formatKeys(text: string): string {
  try {
    const keys: unknown = JSON.parse(text);
    if (!isJsonObject(keys)) return text;
    return Object.entries(keys)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(',');
  } catch {
    // Somebody else wrote it into managedFields; it is shown as it stands.
    return text;
  }
}
