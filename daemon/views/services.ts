import type { Service } from '../../controller/objects/index.ts';
import type { ServicePort } from '../../proxy/compile/table.ts';
import { ageText } from './age.ts';
import { selectObjects } from './select.ts';
import { bundleOf, endpointsOf, sliceIndex } from './service-endpoints.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';
import { listText, none, pairsText, namespaceColumn, type ViewTable } from './view-table.ts';

/** kubectl's columns first, so that what reads them by position goes on working. */
const columns: ViewTable['columns'] = [
  namespaceColumn,
  { name: 'NAME' },
  { name: 'TYPE' },
  { name: 'CLUSTER-IP' },
  { name: 'EXTERNAL-IP' },
  { name: 'PORT(S)' },
  { name: 'AGE' },
  { name: 'ENDPOINTS' },
  { name: 'HEALTH' },
  { name: 'SELECTOR', wide: true },
  { name: 'ALGORITHM', wide: true },
  { name: 'SERVED BY', wide: true },
];

/** `portolan get services`. */
export function viewServices(query: ViewQuery, input: ViewInput): ViewTable {
  const slicesOf = sliceIndex(input.store, query.namespace);
  const portsOf = portIndex(input);
  const objects = selectObjects('Service', query, input);
  const rows = objects.map((service) => {
    const { spec } = service;
    const judged = endpointsOf(bundleOf(service, slicesOf(service), input.store));
    const ports = portsOf(service);
    const isName = spec?.type === 'ExternalName';
    return [
      service.metadata.namespace ?? '',
      service.metadata.name,
      spec?.type ?? 'ClusterIP',
      isName ? none : (spec?.clusterIPs?.[0] ?? (spec?.clusterIP || none)),
      externalText(service),
      portsText(service),
      ageText(service.metadata.creationTimestamp, input.nowMs),
      isName ? '-' : `${judged.readyCount}/${judged.totalCount}`,
      isName ? '-' : judged.health,
      pairsText(spec?.selector),
      algorithmText(ports),
      servedByText(ports, input),
    ];
  });
  return { columns, rows, objects };
}

/** Looks up what L4 makes of a Service: its ports in the table. */
export function portIndex(input: ViewInput): (service: Service) => readonly ServicePort[] {
  const byService = Map.groupBy(input.services.ports.values(), (port) =>
    JSON.stringify([port.namespace, port.name]),
  );
  return ({ metadata }) => byService.get(JSON.stringify([metadata.namespace, metadata.name])) ?? [];
}

/** Load-balancer and external addresses; `<pending>` while a load balancer has none. */
export function externalText({ spec, status }: Service): string {
  if (spec?.type === 'ExternalName') return spec.externalName ?? none;
  const external = spec?.externalIPs ?? [];
  if (spec?.type !== 'LoadBalancer') return listText(external);
  const given = (status?.loadBalancer?.ingress ?? []).flatMap(
    (one) => one.ip ?? one.hostname ?? [],
  );
  const all = [...given, ...external];
  return all.length === 0 ? '<pending>' : all.join(',');
}

/** `80/TCP`, `80:30080/TCP` with a node port. */
function portsText({ spec }: Service): string {
  return listText(
    (spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
      nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
    ),
  );
}

/** The algorithm that L4 uses for these ports; `-` when L4 does not serve them. */
export function algorithmText(ports: readonly ServicePort[]): string {
  return [...new Set(ports.map((port) => port.algorithm))].join(',') || '-';
}

/** The same for one Service, with what a kernel plane makes of it. */
export function algorithmDetail(ports: readonly ServicePort[], { runtime }: ViewInput): string {
  const inKernel = runtime.planes.some(({ name }) => name === 'nftables' || name === 'iptables');
  const counts = ports.some(({ algorithm }) => algorithm === 'least-conn' || algorithm === 'p2c');
  const note = ' (approximate: shares follow the flows counted a moment ago)';
  return `${algorithmText(ports)}${inKernel && counts ? note : ''}`;
}

/** The planes that serve these ports; `-` when there are none. */
export function servedByText(ports: readonly ServicePort[], { runtime }: ViewInput): string {
  if (ports.length === 0) return '-';
  const planes = runtime.planes.filter((plane) => plane.serves === 'services');
  return planes.map((plane) => plane.name).join(',') || '-';
}
