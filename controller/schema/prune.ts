import type { Path } from './issue.ts';

/** A copy of `value` without what stands at `paths`; what lies beside the paths is shared. */
export function prune(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return value;
  const isList = Array.isArray(value);
  if (!isList && (typeof value !== 'object' || value === null)) return value;
  const byKey = Map.groupBy(paths, (path) => String(path[0]));
  const kept: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    const below = byKey.get(key);
    if (below === undefined) kept.push([key, inner]);
    else if (below.every((path) => path.length > 1)) {
      kept.push([
        key,
        prune(
          inner,
          below.map((path) => path.slice(1)),
        ),
      ]);
    }
  }
  return isList ? kept.map(([, inner]) => inner) : Object.fromEntries(kept);
}
