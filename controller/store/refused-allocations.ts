import type { Service, ServiceSpec } from '../objects/index.ts';

/**
 * On a Service: addresses and ports that its author asked for and that it cannot have, since they
 * belong to another Service or to no range. They are taken out of `spec`, so that no plane uses
 * them, and noted here, so that applying the manifest again does not put them back for a moment.
 * Comma-separated: `127.96.0.10`, `TCP/30080/http` (protocol, number, port name).
 */
export const refusedAnnotation = 'portolan.dev/refused-allocations';

/** Stands for a port's name where `healthCheckNodePort` is meant; no port name has capitals. */
export const healthCheckPortName = 'healthCheckNodePort';

/** The annotation's entries; none if it is absent. */
export function refusedAllocations({ metadata }: Service): readonly string[] {
  const text = metadata.annotations?.[refusedAnnotation];
  return text ? text.split(',').map((entry) => entry.trim()) : [];
}

/**
 * The Service as its allocator writes it: stating what is refused now. None is stated by an empty
 * annotation where there was one, which is never stored: it tells a grant of what was refused
 * before from a manifest that merely asks again.
 */
export function withRefusals(service: Service, refused: readonly string[]): Service {
  const stated = service.metadata.annotations?.[refusedAnnotation];
  if (stated === undefined && refused.length === 0) return service;
  return annotated(service, refused.join(','));
}

/** Takes out of a written Service what is refused to it and is asked for all the same. */
export function dropRefused(existing: Service, incoming: Service): Service {
  const stated = incoming.metadata.annotations?.[refusedAnnotation] !== undefined;
  const refused = refusedAllocations(stated ? incoming : existing);
  const asked = refused.filter((entry) => asks(incoming.spec ?? {}, entry));
  if (!stated && asked.length === 0) return incoming;
  const { spec } = incoming;
  const stripped = spec ? { ...incoming, spec: stripRefused(spec, asked) } : incoming;
  return annotated(stripped, (stated ? refused : asked).join(',') || undefined);
}

/** `value` undefined: without the annotation. */
function annotated(service: Service, value: string | undefined): Service {
  const { annotations, ...metadata } = service.metadata;
  const { [refusedAnnotation]: _before, ...others } = annotations ?? {};
  const next = value === undefined ? others : { ...others, [refusedAnnotation]: value };
  return {
    ...service,
    metadata: Object.keys(next).length > 0 ? { ...metadata, annotations: next } : metadata,
  };
}

/** How `ports[].nodePort` is written in the annotation. */
export function nodePortEntry(protocol: string, nodePort: number, portName: string): string {
  return `${protocol}/${nodePort}/${portName}`;
}

function asks(spec: ServiceSpec, entry: string): boolean {
  const { clusterIP, clusterIPs = [], healthCheckNodePort, ports = [] } = spec;
  return (
    clusterIP === entry ||
    clusterIPs.includes(entry) ||
    ports.some((port) => entryOf(port) === entry) ||
    healthCheckEntry(healthCheckNodePort) === entry
  );
}

/** The spec without what the entries name; all cluster IPs go if one of them is named. */
export function stripRefused(spec: ServiceSpec, entries: readonly string[]): ServiceSpec {
  if (entries.length === 0) return spec;
  const refused = new Set(entries);
  const { clusterIP, clusterIPs, healthCheckNodePort, ...rest } = spec;
  const addresses = [...(clusterIPs ?? []), ...(clusterIP === undefined ? [] : [clusterIP])];
  const keepAddresses = !addresses.some((address) => refused.has(address));
  const keepCheck = !refused.has(healthCheckEntry(healthCheckNodePort));
  return {
    ...rest,
    ...(keepAddresses && clusterIP !== undefined && { clusterIP }),
    ...(keepAddresses && clusterIPs !== undefined && { clusterIPs }),
    ...(keepCheck && healthCheckNodePort !== undefined && { healthCheckNodePort }),
    ...(rest.ports && {
      ports: rest.ports.map((port) => {
        const { nodePort: _refused, ...others } = port;
        return refused.has(entryOf(port)) ? others : port;
      }),
    }),
  };
}

function entryOf(port: NonNullable<ServiceSpec['ports']>[number]): string {
  return nodePortEntry(port.protocol ?? 'TCP', port.nodePort ?? 0, port.name ?? '');
}

function healthCheckEntry(port: number | undefined): string {
  return nodePortEntry('TCP', port ?? 0, healthCheckPortName);
}
