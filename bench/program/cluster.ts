import type { EndpointSlice, Service } from '../../controller/objects/index.ts';

/** What the cluster of a measurement looks like. */
export interface ClusterSize {
  readonly services: number;
  readonly endpoints: number;
}

/** The Pod that really answers, and the Service that leads to it: number 0, which never changes. */
export const livePod = '10.244.1.2';
export const livePort = 8080;
export const liveServiceIP: string = clusterIPOf(0);
export const servicePort = 80;
/** Sources that are this node's Pods. */
export const podCidr = '10.244.0.0/24';

/** Service numbers fill a range of their own, one address each. */
export function clusterIPOf(service: number): string {
  return addressAt(100, service);
}

/** Endpoint `slot` of a Service, in its `version`: nobody answers there. */
export function endpointOf(service: number, slot: number, version: number): string {
  return addressAt(11 + (version % 80), service * 8 + slot);
}

function addressAt(net: number, place: number): string {
  return [net, (place >> 16) & 255, (place >> 8) & 255, place & 255].join('.');
}

/** The live Pod greets on one port and pours on the next. */
function portsOf(service: number): readonly { readonly name: string; readonly offset: number }[] {
  const greeting = { name: 'greeting', offset: 0 };
  return service === 0 ? [greeting, { name: 'bulk', offset: 1 }] : [greeting];
}

export function serviceObject(service: number): Service & { readonly kind: 'Service' } {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${service}`, namespace: 'program' },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIPOf(service),
      clusterIPs: [clusterIPOf(service)],
      ipFamilies: ['IPv4'],
      ports: portsOf(service).map(({ name, offset }) => ({
        name,
        port: servicePort + offset,
        protocol: 'TCP' as const,
        targetPort: livePort + offset,
      })),
    },
  };
}

/** The endpoints of a Service; each version has another last endpoint than the one before. */
export function sliceObject(
  service: number,
  { endpoints }: ClusterSize,
  version: number,
): EndpointSlice {
  const addresses = Array.from({ length: endpoints }, (_, slot) =>
    endpointOf(service, slot, slot === endpoints - 1 ? version : 0),
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `service-${service}-1`,
      namespace: 'program',
      labels: { 'kubernetes.io/service-name': `service-${service}` },
    },
    addressType: 'IPv4',
    ports: portsOf(service).map(({ name, offset }) => ({
      name,
      port: livePort + offset,
      protocol: 'TCP' as const,
    })),
    endpoints: (service === 0 ? [livePod] : addresses).map((address) => ({ addresses: [address] })),
  };
}
