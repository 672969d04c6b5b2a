import type { EndpointSlice, Service, SlicePort } from '../../../../controller/objects/index.ts';

/** A Service of namespace default with annotations given without `portolan.dev/health-check`. */
export function service(name: string, options: Readonly<Record<string, string>>): Service {
  const annotations = Object.fromEntries(
    Object.entries(options).map(([option, text]) => [`portolan.dev/health-check${option}`, text]),
  );
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name, annotations },
    spec: { ports: [{ port: 80 }] },
  };
}

/** A slice of a Service of namespace default, named after it. */
export function slice(
  name: string,
  addresses: readonly string[],
  ports: readonly SlicePort[] = [{ name: 'web', port: 8080, protocol: 'TCP' }],
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: 'default',
      name: `${name}-1`,
      labels: { 'kubernetes.io/service-name': name },
    },
    addressType: addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports,
  };
}
