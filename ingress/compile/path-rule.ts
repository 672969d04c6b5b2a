import type { PathType } from '../../controller/objects/index.ts';
import type { Route } from './table.ts';

/**
 * What is wrong with `paths[].path`, as a clause ("must …"); undefined when it may be served. The
 * same cases that the API server refuses: objects from files have not passed one.
 */
export function pathError(path: string, pathType: PathType): string | undefined {
  if (path === '') {
    return pathType === 'ImplementationSpecific' ? undefined : 'must be an absolute path';
  }
  if (!path.startsWith('/')) return 'must start with "/"';
  if (pathType === 'ImplementationSpecific') return undefined;
  const refused = ['//', '/./', '/../', '%2f', '%2F'].find((part) => path.includes(part));
  if (refused !== undefined) return `must not contain "${refused}"`;
  const ending = ['/.', '/..'].find((part) => path.endsWith(part));
  return ending === undefined ? undefined : `must not end in "${ending}"`;
}

/**
 * What a path rule matches. Prefixes go by whole elements and ignore a trailing slash, so they are
 * kept without it ('' for `/`: every path). ImplementationSpecific is a prefix here.
 */
export function pathMatch(path: string, pathType: PathType): Route['match'] {
  if (pathType === 'Exact') return { kind: 'exact', path };
  return { kind: 'prefix', path: path.endsWith('/') ? path.slice(0, -1) : path };
}

const pathTypeRank: Readonly<Record<PathType, number>> = {
  Exact: 0,
  Prefix: 1,
  ImplementationSpecific: 2,
};

/**
 * Precedence inside a host, for sorting: the longer match first, then Exact, Prefix,
 * ImplementationSpecific, then the path written longer (`/foo/` before `/foo`). Routes that
 * compare equal keep the order of their Ingresses.
 */
export function byPrecedence(a: Route, b: Route): number {
  return (
    b.match.path.length - a.match.path.length ||
    pathTypeRank[a.pathType] - pathTypeRank[b.pathType] ||
    b.path.length - a.path.length
  );
}
