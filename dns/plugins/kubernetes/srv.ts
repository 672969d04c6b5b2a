import type { EndpointRecord, ServiceRecords } from '../../compile/index.ts';
import { type Name, recordType, type ResourceRecord } from '../../wire/index.ts';
import type { Reply } from '../plugin.ts';
import { type AddressSet, addressSet, type EndpointGroup } from './address-set.ts';
import type { ClusterView } from './cluster-view.ts';
import { type PortLabels, portMatches } from './locate.ts';
import type { ZoneWriter } from './zone.ts';

/** Where an SRV record may lead: a name with its addresses, at one port. */
interface SrvTarget {
  readonly target: Name;
  readonly addresses: AddressSet;
  readonly port: number;
}

/** SRV of a Service's own name, or of one of its ports when `labels` are given. */
export function serviceSrv(
  zone: ZoneWriter,
  view: ClusterView,
  owner: Name,
  records: ServiceRecords,
  labels: PortLabels | undefined,
): Reply {
  const { namespace, name, target } = records;
  const serviceName: Name = [name, namespace, 'svc', ...zone.apex];
  if (target.kind === 'ClusterIP') {
    const { addresses } = view.prepare(records);
    const ports = target.ports.filter((port) => portMatches(port, labels));
    const targets = ports.map(({ port }) => ({ target: serviceName, addresses, port }));
    return srvReply(zone, owner, targets, target.addresses.length * ports.length);
  }
  const groups = [...view.prepare(records).byEndpointName];
  const targets = groups.flatMap(([endpoint, group]) =>
    groupTargets([endpoint, ...serviceName], group, labels),
  );
  const pairs = groups.reduce((sum, [, group]) => sum + pairsOf(group, labels), 0);
  return srvReply(zone, owner, targets, pairs);
}

/** SRV of some of the endpoints of a Service: every port of each. */
export function endpointsSrv(
  zone: ZoneWriter,
  view: ClusterView,
  owner: Name,
  { namespace, name }: ServiceRecords,
  endpoints: readonly EndpointRecord[],
): Reply {
  const groups = Map.groupBy(endpoints, (endpoint) => view.nameOf(endpoint));
  const targets = [...groups].flatMap(([label, own]) =>
    groupTargets(
      [label, name, namespace, 'svc', ...zone.apex],
      { endpoints: own, addresses: addressSet(own.map(({ address }) => address)) },
      undefined,
    ),
  );
  const pairs = endpoints.reduce((sum, { ports }) => sum + ports.length, 0);
  return srvReply(zone, owner, targets, pairs);
}

/** SRV of one endpoint name: each of its own ports. */
export function endpointSrv(
  zone: ZoneWriter,
  owner: Name,
  { namespace, name }: ServiceRecords,
  endpoint: string,
  group: EndpointGroup,
): Reply {
  const target = [endpoint, name, namespace, 'svc', ...zone.apex];
  return srvReply(zone, owner, groupTargets(target, group, undefined), pairsOf(group, undefined));
}

function groupTargets(
  target: Name,
  { endpoints, addresses }: EndpointGroup,
  labels: PortLabels | undefined,
): readonly SrvTarget[] {
  const ports = new Set<number>();
  for (const endpoint of endpoints) {
    for (const port of endpoint.ports) if (portMatches(port, labels)) ports.add(port.port);
  }
  return [...ports].map((port) => ({ target, addresses, port }));
}

function pairsOf({ endpoints }: EndpointGroup, labels: PortLabels | undefined): number {
  return endpoints.reduce(
    (sum, { ports }) => sum + ports.filter((port) => portMatches(port, labels)).length,
    0,
  );
}

/**
 * One record for each target and port, and each target's addresses once. `pairs` counts address
 * and port pairs before names were merged: the weights of all of them sum up to about 100.
 */
function srvReply(
  zone: ZoneWriter,
  owner: Name,
  targets: readonly SrvTarget[],
  pairs: number,
): Reply {
  const weight = Math.max(1, Math.floor(100 / Math.max(1, pairs)));
  const answers: ResourceRecord[] = [];
  const glue: ResourceRecord[] = [];
  const seen = new Set<string>();
  const glued = new Set<AddressSet>();
  for (const { target, addresses, port } of targets) {
    const key = `${target[0]} ${port}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const data = { kind: 'SRV', priority: 0, weight, port, target } as const;
    answers.push(zone.record(owner, recordType.SRV, data));
    if (!glued.has(addresses)) glue.push(...addressRecords(zone, target, addresses));
    glued.add(addresses);
  }
  return zone.reply(answers, glue);
}

/** The addresses of a name, of both families. */
export function addressRecords(
  zone: ZoneWriter,
  owner: Name,
  { A, AAAA }: AddressSet,
): readonly ResourceRecord[] {
  return [
    ...A.map((data) => zone.record(owner, recordType.A, data)),
    ...AAAA.map((data) => zone.record(owner, recordType.AAAA, data)),
  ];
}
