import {
  type HostRoutes,
  type Pool,
  type PoolEndpoint,
  type Route,
  type RouteBackend,
  type RouteTable,
  usualProtection,
} from '../../../../ingress/index.ts';

/** Builds tables by hand, with defaults for whatever a test does not care about. */
export function route(path: string, backend: RouteBackend, over: Partial<Route> = {}): Route {
  return {
    id: `default/web/${path}`,
    path,
    pathType: 'Prefix',
    match: { kind: 'prefix', path: path === '/' ? '' : path },
    backend,
    httpsRedirect: false,
    filters: [],
    options: undefined,
    ingress: { kind: 'Ingress', namespace: 'default', name: 'web' },
    ...over,
  };
}

export function host(
  name: string,
  routes: readonly Route[],
  over: Partial<HostRoutes> = {},
): HostRoutes {
  return {
    host: name,
    routes,
    defaultBackend: undefined,
    certificate: undefined,
    tls: false,
    httpsRedirect: false,
    ...over,
  };
}

export function pool(
  name: string,
  endpoints: readonly PoolEndpoint[],
  over: Partial<Pool> = {},
): Pool {
  return {
    key: `default/${name}:80`,
    namespace: 'default',
    service: name,
    port: '80',
    algorithm: 'round-robin',
    protocol: 'http',
    endpoints,
    protection: usualProtection,
    ...over,
  };
}

export function toPool(name: string): RouteBackend {
  return { kind: 'pool', pool: `default/${name}:80` };
}

export function table(
  hosts: readonly HostRoutes[],
  pools: readonly Pool[],
  over: Partial<RouteTable> = {},
): RouteTable {
  return {
    generation: 1,
    hosts: new Map(hosts.map((one) => [one.host, one])),
    pools: new Map(pools.map((one) => [one.key, one])),
    certificates: new Map(),
    defaultBackend: undefined,
    ...over,
  };
}
