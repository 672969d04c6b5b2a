import type { Endpoint } from './endpoint.ts';

export const namespace = 'balance';
/** Above 1023, so that the benchmark needs no privilege. */
export const servicePort = 8080;

/** A Service with an algorithm, and one EndpointSlice for each endpoint, as their ports differ. */
export function serviceManifest(
  name: string,
  algorithm: string,
  endpoints: readonly Endpoint[],
): string {
  const weights = endpoints.map(({ port, weight }) => `127.0.0.1:${port}=${weight}`).join(', ');
  const service = `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  annotations:
    portolan.dev/load-balancing: ${algorithm}
    portolan.dev/weights: ${weights}
spec:
  ports:
    - port: ${servicePort}
`;
  const slices = endpoints.map(
    (endpoint) => `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-${endpoint.name}
  namespace: ${namespace}
  labels:
    kubernetes.io/service-name: ${name}
addressType: IPv4
ports:
  - port: ${endpoint.port}
endpoints:
  - addresses: [127.0.0.1]
`,
  );
  return [service, ...slices].join('---\n');
}
