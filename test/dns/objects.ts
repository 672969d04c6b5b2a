import type {
  EndpointHealth,
  EndpointSlice,
  Service,
  ServiceBundle,
  ServiceSpec,
  SliceEndpoint,
  SlicePort,
} from '../../controller/objects/index.ts';

/** Builders of objects as short as the tables that use them. `key`: `namespace/name`. */
export function service(key: string, spec: ServiceSpec): Service {
  const [namespace = '', name = ''] = key.split('/');
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec };
}

/** Endpoints are ready unless they say otherwise; a string is an address. */
export function slice(
  key: string,
  endpoints: readonly (string | SliceEndpoint)[],
  ports: readonly SlicePort[] = [],
): EndpointSlice {
  const [namespace = '', name = ''] = key.split('/');
  const full = endpoints.map((one) => (typeof one === 'string' ? { addresses: [one] } : one));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace, name },
    addressType: full[0]?.addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: full,
    ports,
  };
}

export function bundle(
  key: string,
  spec: ServiceSpec,
  slices: readonly EndpointSlice[] = [],
  health?: EndpointHealth,
): ServiceBundle {
  return { service: service(key, spec), slices, health };
}

/** What checks say: `[address, port, healthy]`. */
export function health(
  key: string,
  found: readonly (readonly [address: string, port: number, healthy: boolean])[],
): EndpointHealth {
  const [namespace = '', name = ''] = key.split('/');
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return {
    apiVersion: 'portolan.dev/v1alpha1',
    kind: 'EndpointHealth',
    metadata: { namespace, name },
    status: {
      endpoints: found.map(([address, port, healthy]) => ({
        address,
        port,
        healthy,
        lastTransitionTime,
      })),
    },
  };
}
