import { isDeepStrictEqual } from 'node:util';
import type { Problem } from '../../controller/base/index.ts';
import {
  judgeEndpoints,
  type JudgedEndpoint,
  type Service,
  type ServiceBundle,
} from '../../controller/objects/index.ts';
import { canonicalAddress, parseName } from '../wire/index.ts';
import type { EndpointRecord, RecordPort, ServiceRecords, ServiceTarget } from './table.ts';

/** What DNS says of one Service, and what is wrong with it. */
export interface CompiledService {
  readonly records: ServiceRecords;
  readonly problems: readonly Problem[];
}

/**
 * Pure: the same bundle gives an equal result. Bad parts are left out and named. `withLabels`:
 * somebody chooses Services by them; otherwise a change of them changes nothing.
 */
export function compileService(
  bundle: ServiceBundle,
  withLabels: boolean = false,
): CompiledService {
  const { service } = bundle;
  const report = new Report(service);
  const records: ServiceRecords = {
    namespace: service.metadata.namespace ?? '',
    name: service.metadata.name,
    target: targetOf(bundle, report),
    ...(withLabels && { labels: service.metadata.labels ?? {} }),
  };
  return { records, problems: report.problems };
}

function targetOf(bundle: ServiceBundle, report: Report): ServiceTarget {
  const spec = bundle.service.spec ?? {};
  if (spec.type === 'ExternalName') {
    return { kind: 'ExternalName', externalName: externalNameOf(spec.externalName ?? '', report) };
  }
  const endpoints = endpointRecords(bundle, report);
  if (spec.clusterIP === 'None' || spec.clusterIPs?.includes('None')) {
    return { kind: 'Headless', endpoints };
  }
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? ''];
  return {
    kind: 'ClusterIP',
    // '' until one is allocated: the name exists by then, without addresses.
    addresses: addressesOf(clusterIPs.filter(Boolean), 'spec.clusterIPs', report),
    ports: (spec.ports ?? []).map((port) => ({
      name: port.name ?? '',
      port: port.port,
      protocol: port.protocol ?? 'TCP',
    })),
    endpoints,
    externalAddresses: addressesOf(externalAddresses(bundle.service), 'spec.externalIPs', report),
    ...externalHostnames(bundle.service),
  };
}

function externalNameOf(text: string, report: Report): string {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  const field = 'spec.externalName';
  if (canonicalAddress(name) !== undefined) {
    report.warn(
      field,
      `externalName ${name} is an address; DNS answers NXDOMAIN`,
      'write a host name, or use a Service without selector and an EndpointSlice with the address',
    );
    return name;
  }
  try {
    if (parseName(name).length > 0) return name;
  } catch {
    // Said below, in words that fit the object.
  }
  report.warn(field, `externalName "${text}" is no DNS name`, 'write a host name');
  return '';
}

function externalAddresses(service: Service): readonly string[] {
  const balancers = service.status?.loadBalancer?.ingress ?? [];
  return [
    ...(service.spec?.externalIPs ?? []),
    ...balancers.flatMap(({ ip }) => (ip === undefined ? [] : [ip])),
  ];
}

/** AWS gives load balancers names alone. */
function externalHostnames(service: Service): { externalHostnames?: readonly string[] } {
  const balancers = service.status?.loadBalancer?.ingress ?? [];
  const names = balancers.flatMap(({ hostname }) => (hostname ? [hostname] : []));
  return names.length === 0 ? {} : { externalHostnames: names };
}

function addressesOf(texts: readonly string[], field: string, report: Report): readonly string[] {
  const addresses = new Set<string>();
  for (const text of texts) {
    const address = canonicalAddress(text);
    if (address === undefined) {
      report.warn(field, `"${text}" is no IP address; it is left out of DNS`);
    } else {
      addresses.add(address);
    }
  }
  return [...addresses];
}

/**
 * Ready endpoints over all slices, in their order. One address under one hostname is one record:
 * while slices are rewritten it may stand in two of them.
 */
function endpointRecords(bundle: ServiceBundle, report: Report): readonly EndpointRecord[] {
  const records = new Map<string, EndpointRecord>();
  for (const judged of judgeEndpoints(bundle).endpoints) {
    if (!judged.ready) continue;
    const address = canonicalAddress(judged.address);
    if (address === undefined) {
      report.inSlice(
        judged,
        'endpoints[].addresses',
        `"${judged.address}" is no IP address; the endpoint is left out of DNS`,
      );
      continue;
    }
    const record = endpointRecord(judged, address, hostnameOf(judged, report));
    const key = `${address} ${record.hostname ?? ''}`;
    const twin = records.get(key);
    records.set(key, twin ? { ...twin, ports: mergePorts(twin.ports, record.ports) } : record);
  }
  return [...records.values()];
}

function endpointRecord(
  { endpoint, slice }: JudgedEndpoint,
  address: string,
  hostname: string | undefined,
): EndpointRecord {
  return {
    address,
    hostname,
    podName: endpoint.targetRef?.kind === 'Pod' ? endpoint.targetRef.name : undefined,
    nodeName: endpoint.nodeName,
    zone: endpoint.zone,
    ports: (slice.ports ?? []).flatMap(({ name = '', port, protocol = 'TCP' }) =>
      port === undefined ? [] : [{ name, port, protocol }],
    ),
  };
}

/** RFC 1123 label, as the API has it; anything else could not be asked for. */
function hostnameOf(judged: JudgedEndpoint, report: Report): string | undefined {
  const { hostname = '' } = judged.endpoint;
  if (hostname === '') return undefined;
  if (/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(hostname)) return hostname;
  report.inSlice(
    judged,
    'endpoints[].hostname',
    `"${hostname}" is no host name; the endpoint is known by its address`,
  );
  return undefined;
}

function mergePorts(a: readonly RecordPort[], b: readonly RecordPort[]): readonly RecordPort[] {
  return [...a, ...b.filter((port) => !a.some((known) => isDeepStrictEqual(known, port)))];
}

/** Collects the problems of one Service. */
class Report {
  readonly problems: Problem[] = [];
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  warn(field: string, message: string, instead?: string): void {
    const { namespace = '', name } = this.#service.metadata;
    this.problems.push({
      severity: 'warning',
      reason: 'InvalidField',
      message,
      object: { kind: 'Service', namespace, name, field },
      ...(instead === undefined ? {} : { instead }),
    });
  }

  inSlice({ slice }: JudgedEndpoint, field: string, message: string): void {
    const { namespace = '', name } = slice.metadata;
    this.problems.push({
      severity: 'warning',
      reason: 'InvalidField',
      message,
      object: { kind: 'EndpointSlice', namespace, name, field },
    });
  }
}
