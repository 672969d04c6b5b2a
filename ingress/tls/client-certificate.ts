import { X509Certificate } from 'node:crypto';

/** What a client showed when it was asked for a certificate. */
export interface ClientCertificate {
  /** The name under which it was asked: counts for no other host. */
  readonly serverName: string;
  /** As nginx has it in `$ssl_client_verify`. */
  readonly result: 'SUCCESS' | 'NONE' | `FAILED:${string}`;
  /** RFC 2253, most specific first, as nginx writes it; '' where there is none. */
  readonly subject: string;
  readonly issuer: string;
  /** SHA-1 in hex, as nginx has it. */
  readonly fingerprint: string;
  readonly pem: string;
}

/** `der`: the certificate; undefined: none was shown. `error`: why it is not believed. */
export function describeClientCertificate(
  serverName: string,
  der: Buffer | undefined,
  error: string | undefined,
): ClientCertificate {
  if (!der) {
    return { serverName, result: 'NONE', subject: '', issuer: '', fingerprint: '', pem: '' };
  }
  const certificate = new X509Certificate(der);
  return {
    serverName,
    result: error === undefined ? 'SUCCESS' : `FAILED:${error}`,
    subject: distinguishedName(certificate.subject),
    issuer: distinguishedName(certificate.issuer),
    fingerprint: certificate.fingerprint.replaceAll(':', '').toLowerCase(),
    pem: certificate.toString(),
  };
}

/** node writes one attribute on each line, the least specific first. */
function distinguishedName(lines: string): string {
  return lines
    .split('\n')
    .map((line) => line.replaceAll(/[,+"\\<>;]/g, (special) => `\\${special}`))
    .toReversed()
    .join(',');
}
