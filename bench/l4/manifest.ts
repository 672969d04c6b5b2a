import type { Address } from './peer.ts';

/** Above 1023, so that the benchmark needs no privilege. */
export const servicePort = 8080;

/** A Service whose only endpoint is `backend`. */
export function serviceYaml({ host, port }: Address): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: backend
  namespace: bench
spec:
  ports:
    - name: http
      port: ${servicePort}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: backend-1
  namespace: bench
  labels:
    kubernetes.io/service-name: backend
addressType: IPv4
endpoints:
  - addresses: ['${host}']
ports:
  - name: http
    port: ${port}
`;
}
