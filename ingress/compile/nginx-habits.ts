import type { Route } from './table.ts';

/**
 * Order of routes where paths are regular expressions: the longer pattern first, then the one that
 * sorts later. By characters of the pattern, whatever they match: users count on it.
 */
export function byPatternLength(a: Route, b: Route): number {
  return b.path.length - a.path.length || (a.path < b.path ? 1 : a.path > b.path ? -1 : 0);
}

/**
 * nginx answers `/foo` with 301 to `/foo/` where there is a location `/foo/` and none `/foo`: a
 * route of its own for each such path.
 */
export function trailingSlashRoutes(routes: readonly Route[]): readonly Route[] {
  const taken = new Set(routes.map(({ path }) => path));
  return routes.flatMap((route) => {
    const bare = route.path.slice(0, -1);
    if (!route.path.endsWith('/') || bare === '' || taken.has(bare)) return [];
    taken.add(bare);
    return [
      {
        ...route,
        id: `${route.id}#slash`,
        match: { kind: 'exact', path: bare } as const,
        filters: [
          { kind: 'redirect', status: 301, path: { kind: 'full', path: route.path } } as const,
        ],
      },
    ];
  });
}
