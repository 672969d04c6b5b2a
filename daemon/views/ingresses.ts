import { type Ingress, legacyClassAnnotation, objectKey } from '../../controller/objects/index.ts';
import type { Route, RouteBackend } from '../../ingress/compile/table.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { listText, none, namespaceColumn, type ViewTable } from './view-table.ts';

const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'CLASS' },
  { name: 'HOSTS' },
  { name: 'ADDRESS' },
  { name: 'PORTS' },
  { name: 'AGE' },
  { name: 'BACKENDS' },
  { name: 'ROUTES', wide: true },
  { name: 'SERVED AT', wide: true },
];

/** `portolan get ingress`. */
export function viewIngresses(query: ViewQuery, input: ViewInput): ViewTable {
  const routesOf = routeIndex(input);
  const objects = selectObjects('Ingress', query, input);
  const rows = objects.map((ingress) => {
    const { metadata, spec } = ingress;
    const routes = routesOf(ingress);
    return [
      metadata.namespace ?? '',
      metadata.name,
      classText(ingress),
      hostsText(ingress),
      addressText(ingress),
      spec?.tls?.length ? '80, 443' : '80',
      ageText(metadata.creationTimestamp, input.nowMs),
      backendsText(routes, input),
      String(routes.length),
      routes.length === 0 ? none : servedAtText(input),
    ];
  });
  return { columns, rows, objects };
}

/** A route together with the host that it stands under. */
export interface HostedRoute {
  /** '' for rules without a host. */
  readonly host: string;
  readonly route: Route;
}

/** Looks up the routes that the table in force has from an Ingress. */
export function routeIndex(input: ViewInput): (ingress: Ingress) => readonly HostedRoute[] {
  const all = [...input.routes.hosts.values()].flatMap(({ host, routes }) =>
    routes.map((route) => ({ host, route })),
  );
  const byIngress = Map.groupBy(all, ({ route }) => objectKey(route.ingress));
  return (ingress) => byIngress.get(objectKey(ingress.metadata)) ?? [];
}

/** The class that the Ingress asks for; `<none>` without one. */
export function classText({ metadata, spec }: Ingress): string {
  return spec?.ingressClassName ?? metadata.annotations?.[legacyClassAnnotation] ?? none;
}

/** Addresses from status, where clients reach it. */
export function addressText({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? [])
    .flatMap((one) => one.ip ?? one.hostname ?? [])
    .join(',');
}

/** Where this daemon's ingress listens. */
export function servedAtText({ runtime }: ViewInput): string {
  const planes = runtime.planes.filter((plane) => plane.serves === 'ingress');
  return listText(
    planes.flatMap(({ addresses }) =>
      addresses.map(({ name, host, port }) =>
        host.includes(':') ? `${name}://[${host}]:${port}` : `${name}://${host}:${port}`,
      ),
    ),
  );
}

/** `web:http 2 ready`, or why a backend cannot serve. */
export function backendText(backend: RouteBackend, { routes }: ViewInput): string {
  if (backend.kind === 'unavailable') return `unavailable (${backend.reason})`;
  const pool = routes.pools.get(backend.pool);
  if (pool === undefined) return `${backend.pool} (no such pool)`;
  return `${pool.service}:${pool.port} (${pool.endpoints.length} ready)`;
}

function backendsText(routes: readonly HostedRoute[], input: ViewInput): string {
  return listText([...new Set(routes.map(({ route }) => backendText(route.backend, input)))]);
}

function hostsText({ spec }: Ingress): string {
  const hosts = [...new Set((spec?.rules ?? []).flatMap((rule) => rule.host || []))];
  return hosts.length === 0 ? '*' : hosts.join(',');
}
