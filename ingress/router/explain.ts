import type { Route, RouteTable } from '../compile/table.ts';
import { compilePattern } from '../pattern/index.ts';
import { hostName, wildcardFor } from './host-name.ts';
import { normalizePath } from './normalize-path.ts';
import { Router, type RouteMatch } from './router.ts';

/** Why a request goes where it goes: for people. */
export interface Explanation {
  readonly match: RouteMatch | undefined;
  /** In the order looked at: each host that could have taken the request, and what came of it. */
  readonly hosts: readonly { readonly host: string; readonly verdict: string }[];
  /** Each route of the host that took it, in order of precedence. */
  readonly routes: readonly { readonly route: Route; readonly verdict: string }[];
}

/** Explains one choice. Slow: builds a router of its own. `path` as on the wire, without query. */
export function explain(table: RouteTable, host: string, path: string): Explanation {
  const normal = normalizePath(path) ?? path;
  const match = new Router(table).match(host, normal);
  const name = hostName(host);
  const hosts: { host: string; verdict: string }[] = [];
  let taken: string | undefined;
  for (const candidate of [name, wildcardFor(name), '']) {
    if (candidate === undefined) continue;
    const present = table.hosts.has(candidate);
    const verdict = !present
      ? 'not in the table'
      : taken === undefined
        ? 'takes it'
        : `after ${taken || 'rules without host'}`;
    if (present) taken ??= candidate;
    hosts.push({ host: candidate, verdict });
  }
  const routes = taken === undefined ? [] : (table.hosts.get(taken)?.routes ?? []);
  return {
    match,
    hosts,
    routes: routes.map((route) => ({ route, verdict: verdictOf(route, normal, match?.route) })),
  };
}

function verdictOf(route: Route, path: string, chosen: Route | undefined): string {
  if (route.id === chosen?.id) return 'serves it';
  if (!matches(route, path)) {
    switch (route.match.kind) {
      case 'exact':
        return `${path} is not exactly ${route.path}`;
      case 'prefix':
        return `${path} is not below ${route.path}`;
      case 'regex':
        return `${path} does not match the pattern ${route.match.path}`;
    }
  }
  return `matches, but ${chosen?.path ?? 'another'} (${chosen?.pathType ?? ''}) has precedence`;
}

function matches(route: Route, path: string): boolean {
  const { kind, path: rule } = route.match;
  if (kind === 'regex') return compilePattern(rule).test(path);
  return path === rule || (kind === 'prefix' && path.startsWith(`${rule}/`));
}
