import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const scaleNamespace = 'scale';
/** Above 1023, so that the benchmark needs no privilege. */
const servicePort = 8080;

export interface ScaleOptions {
  /** In all; at least two a file. */
  readonly services: number;
  /** Of each Service. */
  readonly endpoints: number;
  /** Services a file; the first two of each file are the pair that `changePair` changes. */
  readonly perFile: number;
}

/** Files that the Services fill. */
export function fileCount({ services, perFile }: ScaleOptions): number {
  return Math.ceil(services / perFile);
}

/**
 * An address of endpoint `index` of Service `service`: all distinct for `index` below 8, none of
 * them answers, and nothing is sent to any.
 */
function endpointAddress(service: number, index: number): string {
  const number = service * 8 + index;
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

interface ServiceShape {
  readonly number: number;
  readonly isHeadless: boolean;
  readonly addresses: readonly string[];
}

function serviceYaml({ number, isHeadless, addresses }: ServiceShape): string {
  const name = `service-${number}`;
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${scaleNamespace}
spec:
${isHeadless ? '  clusterIP: None\n' : ''}  ports:
    - name: http
      port: ${servicePort}
      targetPort: 8080
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: ${name}-1
  namespace: ${scaleNamespace}
  labels:
    kubernetes.io/service-name: ${name}
addressType: IPv4
ports:
  - name: http
    port: 8080
endpoints:
${addresses.map((address) => `  - addresses: [${address}]\n`).join('')}`;
}

function ingressYaml(service: number): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ingress-${service}
  namespace: ${scaleNamespace}
spec:
  ingressClassName: portolan
  rules:
    - host: service-${service}.scale.localhost
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: service-${service}
                port:
                  name: http
`;
}

/**
 * One file of Services with EndpointSlices. Its first two Services are a pair, as of a StatefulSet:
 * one with a ClusterIP that an Ingress refers to, and a headless one over the same endpoints, so
 * that a change of an endpoint reaches L4, DNS and ingress. `shift` 4 to 7 moves the pair's first
 * endpoint elsewhere.
 */
function scaleFile(file: number, options: ScaleOptions, shift: number = 0): string {
  const first = file * options.perFile;
  const count = Math.min(options.perFile, options.services - first);
  const addressesOf = (service: number): string[] =>
    Array.from({ length: options.endpoints }, (_, index) =>
      endpointAddress(service, index === 0 && service === first ? shift : index),
    );
  const services = Array.from({ length: count }, (_, index) =>
    serviceYaml({
      number: first + index,
      isHeadless: index === 1,
      addresses: addressesOf(index === 1 ? first : first + index),
    }),
  );
  return [...services, ingressYaml(first)].join('---\n');
}

function filePath(folder: string, file: number): string {
  return join(folder, `services-${String(file).padStart(4, '0')}.yaml`);
}

/** Writes the whole folder; gives the number of bytes. */
export function writeScaleFolder(folder: string, options: ScaleOptions): number {
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let file = 0; file < fileCount(options); file += 1) {
    const text = scaleFile(file, options);
    writeFileSync(filePath(folder, file), text);
    bytes += text.length;
  }
  return bytes;
}

/** Rewrites one file with the first endpoint of its pair elsewhere; `round` from 0. */
export function changePair(
  folder: string,
  file: number,
  options: ScaleOptions,
  round: number,
): void {
  writeFileSync(filePath(folder, file), scaleFile(file, options, 4 + (round % 4)));
}
