import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';

/** More certificates than any bundle of authorities holds; the system's has some 150. */
const mostCertificates = 1_000;

/**
 * What is wrong with the certificates of authorities, and with a list of revoked ones, as a
 * clause; undefined: TLS takes them.
 */
export function authorityError(caPem: string, crlPem?: string): string | undefined {
  const blocks = caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'ca.crt holds no PEM certificate';
  if (blocks.length > mostCertificates)
    return `ca.crt holds more than ${mostCertificates} certificates`;
  try {
    for (const block of blocks) void new X509Certificate(block);
  } catch {
    return 'ca.crt holds a certificate that cannot be read';
  }
  if (crlPem === undefined || isTaken({ crl: crlPem })) return undefined;
  return 'ca.crl is no list of revoked certificates in PEM';
}

/** What is wrong with a list of cipher suites as OpenSSL writes it, as a clause. */
export function ciphersError(ciphers: string): string | undefined {
  return isTaken({ ciphers }) ? undefined : 'names no cipher suite that there is';
}

function isTaken(options: SecureContextOptions): boolean {
  try {
    createSecureContext(options);
    return true;
  } catch {
    return false;
  }
}
