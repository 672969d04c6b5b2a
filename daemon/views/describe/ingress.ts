import type { Ingress, IngressBackend } from '../../../controller/objects/index.ts';
import { addressText, backendText, classText, routeIndex, servedAtText } from '../ingresses.ts';
import type { ViewInput } from '../view-input.ts';
import { commonSections, problemSection } from './common.ts';
import { field, type Section, table } from './description.ts';

/** An Ingress: what it asks for, and what of it is served, by which endpoints. */
export function describeIngress(ingress: Ingress, input: ViewInput): readonly Section[] {
  const { spec } = ingress;
  const hosted = routeIndex(input)(ingress);
  return [
    ...commonSections(ingress, input),
    field('Ingress Class', classText(ingress)),
    field('Address', ...(addressText(ingress) === '' ? [] : [addressText(ingress)])),
    field('Served At', ...(hosted.length === 0 ? [] : [servedAtText(input)])),
    field('Default Backend', ...backendValues(spec?.defaultBackend)),
    table('TLS', ['Secret', 'Hosts', 'Certificate'], tlsRows(ingress, input)),
    table(
      'Rules',
      ['Host', 'Path', 'Type', 'Backend'],
      (spec?.rules ?? []).flatMap(({ host, http }) =>
        (http?.paths ?? []).map(({ path = '/', pathType, backend }) => [
          host || '*',
          path,
          pathType,
          ...backendValues(backend),
        ]),
      ),
    ),
    table(
      'Served Routes',
      ['Host', 'Path', 'Type', 'Backend', 'Endpoints'],
      hosted.map(({ host, route }) => [
        host || '*',
        route.path,
        route.pathType,
        backendText(route.backend, input),
        route.backend.kind === 'pool' ? endpointsText(route.backend.pool, input) : '-',
      ]),
    ),
    problemSection(ingress, input),
  ];
}

function backendValues(backend: IngressBackend | undefined): readonly string[] {
  if (backend?.service !== undefined) {
    const { name, port } = backend.service;
    return [`${name}:${port?.name ?? port?.number ?? '?'}`];
  }
  return backend?.resource === undefined
    ? []
    : [`${backend.resource.kind}/${backend.resource.name}`];
}

function endpointsText(pool: string, { routes }: ViewInput): string {
  const endpoints = routes.pools.get(pool)?.endpoints ?? [];
  const shown = endpoints
    .slice(0, 8)
    .map(({ address, port }) =>
      address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
    );
  const more = endpoints.length - shown.length;
  return `${shown.join(',')}${more > 0 ? ` + ${more} more...` : ''}` || '-';
}

/** Names and dates of certificates; keys stay where they are. */
function tlsRows({ spec, metadata }: Ingress, input: ViewInput): readonly (readonly string[])[] {
  return (spec?.tls ?? []).map(({ secretName, hosts = [] }) => {
    const id = `${metadata.namespace ?? ''}/${secretName ?? ''}`;
    const certificate = input.routes.certificates.get(id);
    const until = certificate && new Date(certificate.notAfterMs).toISOString();
    const state =
      until === undefined ? 'not in force: the default is served' : `valid until ${until}`;
    return [secretName ?? '-', hosts.join(',') || '*', state];
  });
}
