import { namespace } from './manifest.ts';

/** The host that has TLS: what the certificates are for. */
export const secureHost = 'bench.test';

/** A host with a certificate, and `paths` that all lead to the same Service. */
export function secureManifest(
  { certificatePem, keyPem }: { readonly certificatePem: string; readonly keyPem: string },
  paths: readonly string[],
): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const backend = 'backend: { service: { name: web, port: { name: http } } }';
  const rows = paths.map((path) => `          - { path: ${path}, pathType: Exact, ${backend} }\n`);
  return `apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: { name: secure, namespace: ${namespace} }
data:
  tls.crt: ${base64(certificatePem)}
  tls.key: ${base64(keyPem)}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: secure, namespace: ${namespace} }
spec:
  ingressClassName: portolan
  tls: [{ hosts: [${secureHost}], secretName: secure }]
  rules:
    - host: ${secureHost}
      http:
        paths:
${rows.join('')}`;
}
