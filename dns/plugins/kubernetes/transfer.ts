import type { ServiceRecords } from '../../compile/index.ts';
import { type Name, recordType, type ResourceRecord } from '../../wire/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { externalTarget } from './external-name.ts';
import { nameServers } from './name-servers.ts';
import { addressRecords, serviceSrv } from './srv.ts';
import type { ZoneWriter } from './zone.ts';

/**
 * The records of the cluster domain as a zone transfer has them: SOA, name servers, Services in
 * the order of their names, SOA. Pods, reverse names and zonal names are not transferred.
 */
export function zoneRecords(
  zone: ZoneWriter,
  view: ClusterView,
  ownAddresses: readonly string[],
): readonly ResourceRecord[] {
  const servers = nameServers(zone.apex, view, ownAddresses);
  return [
    zone.soa(),
    ...servers.map(({ name }) =>
      zone.record(zone.apex, recordType.NS, { kind: 'Target', target: name }),
    ),
    // Addresses of Services come with the Services.
    ...servers
      .filter(({ name }) => name.at(-zone.apex.length - 1) === 'dns')
      .flatMap(({ name, addresses }) => addressRecords(zone, name, addresses)),
    ...view.services().flatMap((records) => serviceRecords(zone, view, records)),
    zone.soa(),
  ];
}

function serviceRecords(
  zone: ZoneWriter,
  view: ClusterView,
  records: ServiceRecords,
): readonly ResourceRecord[] {
  const { target } = records;
  const owner: Name = [records.name, records.namespace, 'svc', ...zone.apex];
  if (target.kind === 'ExternalName') {
    const cname = externalTarget(records);
    if (!cname) return [];
    return [zone.record(owner, recordType.CNAME, { kind: 'Target', target: cname })];
  }
  const prepared = view.prepare(records);
  const own = addressRecords(zone, owner, prepared.addresses);
  const ports = portSrv(zone, view, owner, records);
  if (target.kind === 'ClusterIP') {
    return [...own, ...srvAt(zone, view, owner, records, undefined), ...ports];
  }
  const endpoints = [...prepared.byEndpointName].flatMap(([label, { addresses }]) =>
    addressRecords(zone, [label, ...owner], addresses),
  );
  return [...own, ...endpoints, ...ports];
}

/** SRV at each `_port._proto` name. */
function portSrv(
  zone: ZoneWriter,
  view: ClusterView,
  owner: Name,
  records: ServiceRecords,
): readonly ResourceRecord[] {
  const { target } = records;
  if (target.kind === 'ExternalName') return [];
  const ports =
    target.kind === 'ClusterIP' ? target.ports : target.endpoints.flatMap((one) => one.ports);
  const labels = new Map(
    ports
      .filter(({ name }) => name !== '')
      .map(({ name, protocol }) => {
        const found = { port: name.toLowerCase(), protocol: protocol.toLowerCase() };
        return [`${found.port} ${found.protocol}`, found];
      }),
  );
  return [...labels.values()].flatMap((one) => srvAt(zone, view, owner, records, one));
}

function srvAt(
  zone: ZoneWriter,
  view: ClusterView,
  owner: Name,
  records: ServiceRecords,
  labels: { readonly port: string; readonly protocol: string } | undefined,
): readonly ResourceRecord[] {
  const name = labels ? [`_${labels.port}`, `_${labels.protocol}`, ...owner] : owner;
  const { answers } = serviceSrv(zone, view, name, records, labels);
  return answers.filter(({ type }) => type === recordType.SRV);
}
