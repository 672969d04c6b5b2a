import type {
  ConfigMap,
  EndpointSlice,
  Ingress,
  Namespace,
  Pod,
  PodStatus,
  Service,
  ServiceSpec,
} from '../../../controller/objects/index.ts';

type Labels = Readonly<Record<string, string>>;

/** Small objects for store tests: `namespace/name` first, then what matters. */
function meta(key: string, labels?: Labels): { namespace: string; name: string; labels?: Labels } {
  const [namespace = '', name = ''] = key.split('/');
  return labels ? { namespace, name, labels } : { namespace, name };
}

export function configMap(key: string, data: Labels = {}, labels?: Labels): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(key, labels), data };
}

export function service(key: string, spec: ServiceSpec = {}, labels?: Labels): Service {
  return { apiVersion: 'v1', kind: 'Service', metadata: meta(key, labels), spec };
}

export function pod(key: string, status?: PodStatus, labels?: Labels): Pod {
  const spec = { containers: [] };
  const base = { apiVersion: 'v1', kind: 'Pod', metadata: meta(key, labels), spec } as const;
  return status ? { ...base, status } : base;
}

export function slice(key: string, addresses: readonly string[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: meta(key),
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address] })),
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
  };
}

export function ingress(key: string, ingressClassName?: string): Ingress {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: meta(key),
    spec: ingressClassName === undefined ? {} : { ingressClassName },
  };
}

export function namespace(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}
