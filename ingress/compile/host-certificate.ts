import type { Problem } from '../../controller/base/index.ts';
import type { Ingress, IngressTLS } from '../../controller/objects/index.ts';
import { coversHost } from '../tls/server-names.ts';
import type { CertificateState } from './certificate-store.ts';
import { ingressRef } from './ingress-ref.ts';
import type { Certificate } from './table.ts';

/** What one Ingress gives a host in TLS. */
export interface HostTls {
  /** A `tls` item is for this host, usable or not: redirects are on. */
  readonly claimed: boolean;
  readonly certificate: Certificate | undefined;
  readonly problems: readonly Problem[];
}

/** Ten days, as ingress-nginx warns: an ACME client that works has renewed long before. */
const expiryWarningMs = 10 * 24 * 3_600_000;

/**
 * The certificate that an Ingress names for a host: of the `tls` item that lists it, or else of
 * any item whose certificate covers it. A certificate that does not cover the host is not served.
 */
export function hostCertificate(
  ingress: Ingress,
  host: string,
  stateOf: (secretName: string) => CertificateState,
  nowMs: number,
): HostTls {
  const items = ingress.spec?.tls ?? [];
  const listed = items.findIndex((item) => item.hosts?.includes(host));
  const listing = items[listed];
  if (listing) return fromItem(ingress, host, listing, listed, stateOf, nowMs);
  for (const [index, item] of items.entries()) {
    if (!item.secretName) continue;
    const { certificate } = stateOf(item.secretName);
    if (certificate && coversHost(certificate.serverNames, host)) {
      return fromItem(ingress, host, item, index, stateOf, nowMs);
    }
  }
  const forAll = items.findIndex((item) => !item.hosts?.length);
  const wide = items[forAll];
  if (!wide) return { claimed: false, certificate: undefined, problems: [] };
  return fromItem(ingress, host, wide, forAll, stateOf, nowMs);
}

function fromItem(
  ingress: Ingress,
  host: string,
  item: IngressTLS,
  index: number,
  stateOf: (secretName: string) => CertificateState,
  nowMs: number,
): HostTls {
  if (!item.secretName) return { claimed: true, certificate: undefined, problems: [] };
  const object = ingressRef(ingress, `spec.tls[${index}].secretName`);
  const { certificate, problem } = stateOf(item.secretName);
  const problems: Problem[] = problem ? [{ ...problem, object }] : [];
  if (!certificate) return { claimed: true, certificate: undefined, problems };
  // Rules without a host take every name: whatever certificate is there is better than none.
  if (host !== '' && !coversHost(certificate.serverNames, host)) {
    problems.push({
      severity: 'error',
      reason: 'CertificateDoesNotCoverHost',
      message: `the certificate of Secret ${certificate.id} is for ${nameList(certificate)}, not for ${host}; the default certificate is in force`,
      instead: `a certificate for ${host}`,
      object,
    });
    return { claimed: true, certificate: undefined, problems };
  }
  const expiry = expiryProblem(certificate, nowMs);
  if (expiry) problems.push({ ...expiry, object });
  return { claimed: true, certificate, problems };
}

function expiryProblem(
  certificate: Certificate,
  nowMs: number,
): Omit<Problem, 'object'> | undefined {
  const leftMs = certificate.notAfterMs - nowMs;
  if (leftMs > expiryWarningMs) return undefined;
  const at = new Date(certificate.notAfterMs).toISOString();
  const of = `the certificate of Secret ${certificate.id}`;
  return leftMs > 0
    ? { severity: 'warning', reason: 'CertificateExpiresSoon', message: `${of} expires at ${at}` }
    : {
        severity: 'error',
        reason: 'CertificateExpired',
        message: `${of} expired at ${at}; it is served all the same`,
      };
}

/** At most five names: certificates may hold hundreds. */
function nameList(certificate: Certificate): string {
  const names = certificate.serverNames;
  if (names.length === 0) return 'no DNS name';
  return names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
}
