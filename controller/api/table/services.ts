import type { EndpointSlice, Endpoints, Service } from '../../objects/index.ts';
import { type Column, column, firstThree, joined, none, selectorText, wide } from './column.ts';

/** `kubectl get services`, after NAME. */
export const serviceColumns: readonly Column<Service>[] = [
  column('Type', ({ spec }) => spec?.type ?? 'ClusterIP'),
  column('Cluster-IP', ({ spec }) => spec?.clusterIPs?.[0] || spec?.clusterIP || none),
  column('External-IP', externalIPs),
  column('Port(s)', ({ spec }) =>
    joined(
      (spec?.ports ?? []).map(({ port, nodePort, protocol = 'TCP' }) =>
        nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
      ),
    ),
  ),
];

export const serviceWideColumns: readonly Column<Service>[] = [
  wide('Selector', ({ spec }) => selectorText(spec?.selector)),
];

function externalIPs({ spec, status }: Service): string {
  const external = spec?.externalIPs ?? [];
  if (spec?.type === 'ExternalName') return spec.externalName ?? none;
  if (spec?.type !== 'LoadBalancer') return joined(external);
  const given = (status?.loadBalancer?.ingress ?? []).map((one) => one.ip ?? one.hostname ?? '');
  const all = [...new Set([...given, ...external])].filter((one) => one !== '');
  return all.length === 0 ? '<pending>' : all.join(',');
}

/** `kubectl get endpoints`, after NAME. */
export const endpointsColumns: readonly Column<Endpoints>[] = [
  column('Endpoints', ({ subsets = [] }) =>
    firstThree(
      subsets.flatMap(({ addresses = [], ports }) =>
        ports === undefined || ports.length === 0
          ? addresses.map(({ ip }) => ip)
          : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
      ),
    ),
  ),
];

/** `kubectl get endpointslices`, after NAME. */
export const endpointSliceColumns: readonly Column<EndpointSlice>[] = [
  column('AddressType', ({ addressType }) => addressType),
  column('Ports', ({ ports }) =>
    ports === undefined || ports.length === 0
      ? '<unset>'
      : firstThree(ports.map(({ port, name }) => String(port ?? name ?? '*'))),
  ),
  column('Endpoints', ({ endpoints }) => {
    const addresses = endpoints.flatMap((one) => one.addresses);
    return addresses.length === 0 ? '<unset>' : firstThree(addresses);
  }),
];

function hostPort(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}
