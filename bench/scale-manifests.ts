import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ScaleOptions {
  readonly services: number;
  readonly endpoints: number;
  /** Services a file. */
  readonly perFile: number;
}

/** An address of endpoint `index` of Service `service`: all distinct, none of them answers. */
export function endpointAddress(service: number, index: number): string {
  const number = service * 8 + index;
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** One Service and its EndpointSlice as YAML; `shift` moves the first endpoint elsewhere. */
export function serviceYaml(service: number, endpoints: number, shift: number = 0): string {
  const addresses = Array.from({ length: endpoints }, (_, index) =>
    endpointAddress(service, index === 0 ? shift : index),
  );
  return `apiVersion: v1
kind: Service
metadata:
  name: service-${service}
  namespace: scale
spec:
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: service-${service}-1
  namespace: scale
  labels:
    kubernetes.io/service-name: service-${service}
addressType: IPv4
ports:
  - name: http
    port: 8080
endpoints:
${addresses.map((address) => `  - addresses: [${address}]\n`).join('')}`;
}

/** Writes a folder of Services with EndpointSlices; gives the number of bytes. */
export function writeScaleFolder(folder: string, options: ScaleOptions): number {
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  for (let first = 0; first < options.services; first += options.perFile) {
    const count = Math.min(options.perFile, options.services - first);
    const documents = Array.from({ length: count }, (_, index) =>
      serviceYaml(first + index, options.endpoints),
    );
    const text = documents.join('---\n');
    writeFileSync(join(folder, `services-${first}.yaml`), text);
    bytes += text.length;
  }
  return bytes;
}
