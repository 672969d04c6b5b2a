import type { X509Certificate } from 'node:crypto';

/**
 * The DNS names that a certificate is for, lower case: subjectAltName, or else the subject's CN,
 * which clients no longer accept but users still have (RFC 9525 §4.1 forbids it to new ones).
 */
export function serverNamesOf(certificate: X509Certificate): readonly string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice('DNS:'.length).toLowerCase());
  if (certificate.subjectAltName !== undefined) return names;
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  return commonName === undefined ? [] : [commonName.toLowerCase()];
}

/**
 * Whether a certificate with these names may serve a host. A wildcard stands for one whole label
 * (RFC 9525 §6.3); a wildcard host needs the same wildcard in the certificate.
 */
export function coversHost(serverNames: readonly string[], host: string): boolean {
  const parent = host.slice(host.indexOf('.') + 1);
  const wildcard = host.includes('.') ? `*.${parent}` : undefined;
  return serverNames.some((name) => name === host || name === wildcard);
}
