import type { EndpointRecord, ServiceRecords } from '../../compile/index.ts';
import { type Name, parseAddress } from '../../wire/index.ts';
import type { EndpointGroup } from './address-set.ts';
import type { ClusterView } from './cluster-view.ts';
import { endpointsOf } from './zone-index.ts';

/** `_http._tcp` left of a Service, in lower case and without underscores. */
export interface PortLabels {
  readonly port: string;
  readonly protocol: string;
}

/** What stands at a name of the cluster domain. */
export type Place =
  | { readonly kind: 'apex' }
  /** Names exist below, but no record here (RFC 8020). */
  | { readonly kind: 'empty-non-terminal' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'service'; readonly records: ServiceRecords }
  | { readonly kind: 'port'; readonly records: ServiceRecords; readonly labels: PortLabels }
  | {
      readonly kind: 'endpoint';
      readonly records: ServiceRecords;
      readonly name: string;
      readonly group: EndpointGroup;
    }
  /** The endpoints of a headless Service in one zone of the cloud. */
  | {
      readonly kind: 'zonal';
      readonly records: ServiceRecords;
      readonly endpoints: readonly EndpointRecord[];
    }
  | { readonly kind: 'pod'; readonly namespace: string; readonly octets: Buffer }
  | { readonly kind: 'dns-version' }
  | { readonly kind: 'name-server' };

const absent: Place = { kind: 'absent' };
const emptyNonTerminal: Place = { kind: 'empty-non-terminal' };

/** `labels`: what is left of the zone, in lower case. */
export function locate(labels: Name, view: ClusterView): Place {
  const rest = labels.slice(0, -1);
  switch (labels.at(-1)) {
    case undefined:
      return { kind: 'apex' };
    case 'svc':
      return locateService(rest, view);
    case 'pod':
      return locatePod(rest, view);
    case 'dns':
      if (rest.length === 0) return emptyNonTerminal;
      return rest.length === 1 && rest[0] === 'ns' ? { kind: 'name-server' } : absent;
    case 'dns-version':
      return rest.length === 0 ? { kind: 'dns-version' } : absent;
    default:
      return absent;
  }
}

function locateService(labels: Name, view: ClusterView): Place {
  const namespace = labels.at(-1);
  if (namespace === undefined) return emptyNonTerminal;
  if (!view.hasNamespace(namespace)) return absent;
  const name = labels.at(-2);
  if (name === undefined) return emptyNonTerminal;
  const records = view.service(namespace, name);
  if (!records) return absent;
  const { target } = records;
  // A headless Service without a ready endpoint has no record, hence no name.
  if (target.kind === 'Headless' && target.endpoints.length === 0) return absent;
  if (labels.length === 2) return { kind: 'service', records };
  if (target.kind === 'ExternalName') return absent;
  if (view.zonal && target.kind === 'Headless' && labels.at(-3) === '_zone') {
    return locateZonal(records, target.endpoints, labels.slice(0, -3));
  }
  const [first = '', second = ''] = labels;
  if (labels.length === 3) return locateEndpoint(view, records, first);
  if (labels.length === 4) return locatePort(records, first, second);
  return absent;
}

/** `TZ.pin` and `TZ.prefer`, where TZ may hold dots. */
function locateZonal(
  records: ServiceRecords,
  endpoints: readonly EndpointRecord[],
  labels: Name,
): Place {
  const how = labels.at(-1);
  if (how === undefined || (labels.length === 1 && (how === 'pin' || how === 'prefer'))) {
    return emptyNonTerminal;
  }
  const zone = labels.slice(0, -1).join('.');
  const own = endpoints.filter((endpoint) => endpoint.zone?.toLowerCase() === zone);
  switch (how) {
    case 'pin':
      return { kind: 'zonal', records, endpoints: own };
    case 'prefer':
      return { kind: 'zonal', records, endpoints: own.length > 0 ? own : endpoints };
    default:
      return absent;
  }
}

function locateEndpoint(view: ClusterView, records: ServiceRecords, name: string): Place {
  const group = view.prepare(records).byEndpointName.get(name);
  if (group) return { kind: 'endpoint', records, name, group };
  // `_tcp` has names below if any port of that protocol has one.
  const protocol = name.slice(1);
  const isAbovePorts =
    name.startsWith('_') &&
    portsOf(records).some((port) => port.name !== '' && port.protocol.toLowerCase() === protocol);
  return isAbovePorts ? emptyNonTerminal : absent;
}

function locatePort(records: ServiceRecords, first: string, second: string): Place {
  const labels: PortLabels = {
    port: withoutUnderscore(first),
    protocol: withoutUnderscore(second),
  };
  return portsOf(records).some((port) => portMatches(port, labels))
    ? { kind: 'port', records, labels }
    : absent;
}

// CoreDNS takes both labels with and without it, and clients have come to rely on that.
function withoutUnderscore(label: string): string {
  return label.startsWith('_') ? label.slice(1) : label;
}

/** An unnamed port has no `_port._proto` name, so `_._tcp` matches nothing. */
export function portMatches(
  port: { readonly name: string; readonly protocol: string },
  labels: PortLabels | undefined,
): boolean {
  if (!labels) return true;
  return (
    port.name !== '' &&
    port.name.toLowerCase() === labels.port &&
    port.protocol.toLowerCase() === labels.protocol
  );
}

function portsOf(records: ServiceRecords): readonly { name: string; protocol: string }[] {
  return records.target.kind === 'ClusterIP'
    ? records.target.ports
    : endpointsOf(records).flatMap(({ ports }) => ports);
}

function locatePod(labels: Name, view: ClusterView): Place {
  const namespace = labels.at(-1);
  if (namespace === undefined) return emptyNonTerminal;
  if (!view.hasNamespace(namespace)) return absent;
  if (labels.length === 1) return emptyNonTerminal;
  const octets = labels.length === 2 ? parseDashed(labels[0] ?? '') : undefined;
  return octets ? { kind: 'pod', namespace, octets } : absent;
}

/** `1-2-3-4`, `fd00--1`: three dashes, none doubled, mean IPv4. */
function parseDashed(label: string): Buffer | undefined {
  const isIPv4 = /^[^-]*(?:-[^-]+){3}$/.test(label);
  return parseAddress(label.replaceAll('-', isIPv4 ? '.' : ':'));
}
