import type { HostRoutes, Route, RouteBackend, RouteDiff, RouteTable } from '../compile/table.ts';
import { hostName, wildcardFor } from './host-name.ts';
import { mergedSlashes } from './normalize-path.ts';
import { PathMatcher } from './path-matcher.ts';
import { RegexMatcher } from './regex-matcher.ts';

/** Where a request goes. */
export interface RouteMatch {
  readonly host: HostRoutes;
  /** Undefined: the host took the request, and none of its paths did. */
  readonly route: Route | undefined;
  /** Undefined: nobody serves it, 404. */
  readonly backend: RouteBackend | undefined;
}

interface HostEntry {
  readonly routes: HostRoutes;
  readonly paths: Pick<PathMatcher, 'match'>;
}

/** Chooses the route of a request. Costs the same for one host as for many thousands. */
export class Router {
  #hosts: Map<string, HostEntry>;
  #defaultBackend: RouteBackend | undefined;

  constructor(table: RouteTable) {
    this.#hosts = new Map([...table.hosts].map(([host, routes]) => [host, entry(routes)]));
    this.#defaultBackend = table.defaultBackend;
  }

  /** Takes over what changed. The diff must follow the table that is in force. */
  apply(diff: RouteDiff): void {
    for (const host of diff.hosts.removed) this.#hosts.delete(host);
    for (const routes of diff.hosts.upserted) this.#hosts.set(routes.host, entry(routes));
    this.#defaultBackend = diff.defaultBackend;
  }

  /**
   * `host` as in the Host field, `path` normalised and without query. A host that matched decides
   * alone: a path that it lacks goes to its default backend, not to rules without a host.
   * Undefined: no host took it, and there is no default backend.
   */
  match(host: string, path: string): RouteMatch | undefined {
    const found = this.#find(hostName(host));
    if (!found) {
      const backend = this.#defaultBackend;
      return backend && { host: unclaimed, route: undefined, backend };
    }
    const { mergeSlashes } = found.routes;
    const route = found.paths.match(mergeSlashes ? mergedSlashes(path) : path);
    const backend = route ? route.backend : (found.routes.defaultBackend ?? this.#defaultBackend);
    return { host: found.routes, route, backend };
  }

  /** The host that takes a name, by Host field or SNI: exact, then wildcard, then ''. */
  host(name: string): HostRoutes | undefined {
    return this.#find(hostName(name))?.routes;
  }

  #find(name: string): HostEntry | undefined {
    const exact = this.#hosts.get(name);
    if (exact) return exact;
    const wildcard = wildcardFor(name);
    return (wildcard !== undefined && this.#hosts.get(wildcard)) || this.#hosts.get('');
  }
}

/** Stands in for a host where only the default backend of everybody is left. */
const unclaimed: HostRoutes = {
  host: '',
  routes: [],
  defaultBackend: undefined,
  certificate: undefined,
  tls: false,
  httpsRedirect: false,
};

function entry(routes: HostRoutes): HostEntry {
  const isRegex = routes.routes.some((one) => one.match.kind === 'regex');
  return { routes, paths: isRegex ? new RegexMatcher(routes) : new PathMatcher(routes) };
}
