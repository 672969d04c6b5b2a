import type { Address } from '../l4/peer.ts';

/** The name that the load asks for where a table has hosts. */
export const middleHost = 'host-500.bench.test';
/** The name of the route with filters. */
export const filteredHost = 'filtered.bench.test';
const hostCount = 1_000;
const pathCount = 20;

/** A Service with one endpoint. */
export function backendYaml({ host, port }: Address): string {
  return `apiVersion: v1
kind: Service
metadata: { name: backend, namespace: bench }
spec: { ports: [{ name: http, port: 80 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: backend-1
  namespace: bench
  labels: { kubernetes.io/service-name: backend }
addressType: IPv4
endpoints: [{ addresses: ['${host}'] }]
ports: [{ name: http, port: ${port} }]
`;
}

/** One route, for every host and path. */
export function oneRouteYaml(): string {
  return ingressYaml('web', undefined, ['/']);
}

/** A thousand hosts with twenty paths each; the load's path is the last of one in the middle. */
export function manyRoutesYaml(): string {
  const paths = Array.from({ length: pathCount - 1 }, (_, index) => `/path-${index}/of/some/depth`);
  return Array.from({ length: hostCount }, (_, index) =>
    ingressYaml(`web-${index}`, `host-${index}.bench.test`, [...paths, '/short']),
  ).join('---\n');
}

/** One route that rewrites, answers CORS, limits rates without ever refusing, and sets fields. */
export function filteredYaml(): string {
  const annotations = `
    nginx.ingress.kubernetes.io/rewrite-target: /$1
    nginx.ingress.kubernetes.io/enable-cors: "true"
    nginx.ingress.kubernetes.io/limit-rps: "1000000000"
    nginx.ingress.kubernetes.io/custom-headers: bench/fields`;
  const fields = `apiVersion: v1
kind: ConfigMap
metadata: { name: fields, namespace: bench }
data: { X-Frame-Options: DENY, X-Bench: filtered }
`;
  return `${fields}---\n${ingressYaml('filtered', filteredHost, ['/(short)'], annotations)}`;
}

function ingressYaml(
  name: string,
  host: string | undefined,
  paths: readonly string[],
  annotations?: string,
): string {
  const backend = 'backend: { service: { name: backend, port: { name: http } } }';
  const type = annotations === undefined ? 'Prefix' : 'ImplementationSpecific';
  const rows = paths.map(
    (path) => `          - { path: ${path}, pathType: ${type}, ${backend} }\n`,
  );
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: bench${annotations === undefined ? '' : `\n  annotations:${annotations}`}
spec:
  ingressClassName: portolan
  rules:
    - ${host === undefined ? '' : `host: ${host}\n      `}http:
        paths:
${rows.join('')}`;
}
