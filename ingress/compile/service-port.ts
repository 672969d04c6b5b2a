import type { IngressBackend, Service, ServicePortSpec } from '../../controller/objects/index.ts';

/** `backend.service.port` as written. */
export type PortRef = NonNullable<NonNullable<IngressBackend['service']>['port']>;

/** What a backend's port means on its Service. */
export type PortResolution =
  | { readonly kind: 'found'; readonly port: ServicePortSpec }
  /** Only `targetPort` has that number: ingress-nginx takes it, so do we, with a warning. */
  | { readonly kind: 'by-target-port'; readonly port: ServicePortSpec }
  | { readonly kind: 'missing' };

/** Finds the Service port that a backend names: by name, by `port`, at last by `targetPort`. */
export function resolvePort(service: Service, ref: PortRef): PortResolution {
  const ports = tcpPorts(service);
  if (ref.name !== undefined && ref.name !== '')
    return found(ports.find((p) => p.name === ref.name));
  // Annotations name Services alone: the first port is meant.
  if (ref.number === undefined) return found(ports[0]);
  const byPort = ports.find((one) => one.port === ref.number);
  if (byPort) return { kind: 'found', port: byPort };
  const byTarget = ports.find((one) => one.targetPort === ref.number);
  return byTarget ? { kind: 'by-target-port', port: byTarget } : { kind: 'missing' };
}

/** Names and numbers that a backend may write, for messages: `http (80), metrics (9090)`. */
export function listPorts(service: Service): string {
  const ports = tcpPorts(service).map((one) =>
    one.name ? `${one.name} (${one.port})` : `${one.port}`,
  );
  return ports.length > 0 ? ports.join(', ') : 'none';
}

/** The port as the Ingress wrote it: part of `Pool.key`. */
export function portText(ref: PortRef): string {
  return ref.name || `${ref.number ?? ''}`;
}

function tcpPorts(service: Service): readonly ServicePortSpec[] {
  return (service.spec?.ports ?? []).filter((one) => (one.protocol ?? 'TCP') === 'TCP');
}

function found(port: ServicePortSpec | undefined): PortResolution {
  return port ? { kind: 'found', port } : { kind: 'missing' };
}
