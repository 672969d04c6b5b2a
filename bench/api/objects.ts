/** Objects of the size that a small application has them: as JSON 300 to 400 bytes. */
export function configMap(name: string, data: Readonly<Record<string, string>> = {}): object {
  const metadata = { name, namespace: 'default', labels: { app: 'bench' } };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata,
    data: { text: 'x'.repeat(200), ...data },
  };
}

/** A Service whose endpoints are named in a slice. */
export function service(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', labels: { app: 'bench' } },
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  };
}

/** `count` endpoints of a Service, from 127.0.0.1 on. */
export function endpointSlice(name: string, count: number, port: number = 8080): object {
  const labels = { 'kubernetes.io/service-name': name };
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${name}-1`, namespace: 'default', labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: Array.from({ length: count }, (_, n) => ({ addresses: [`127.0.0.${n + 1}`] })),
  };
}

export const paths = {
  configMaps: '/api/v1/namespaces/default/configmaps',
  services: '/api/v1/namespaces/default/services',
  endpointSlices: '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices',
} as const;
