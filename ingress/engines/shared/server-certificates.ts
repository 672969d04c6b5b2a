import { createSecureContext, type SecureContext } from 'node:tls';
import { type Clock, describeError, type Problem } from '../../../controller/base/index.ts';
import type { Certificate, RouteTable } from '../../compile/table.ts';
import type { Router } from '../../router/index.ts';
import { selfSignedCertificate } from '../../tls/index.ts';

/** Fields of a TLS server's options that are ours. */
export interface ContextOptions {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2';
}

interface Built {
  readonly fingerprint: string;
  /** Undefined: TLS would not have it, and there was none before it. */
  readonly context: SecureContext | undefined;
}

const dayMs = 24 * 3_600_000;

/**
 * The certificates that https serves, by the name asked for (SNI). A context is built when its
 * name is first asked for, once for each certificate and key: building thousands at the start
 * would stop everything else for seconds. Running connections keep the one they began with.
 */
export class ServerCertificates {
  readonly #router: () => Router;
  readonly #default: Certificate;
  #certificates: RouteTable['certificates'] = new Map();
  readonly #built = new Map<string, Built>();
  readonly #problems = new Map<string, Problem>();

  /** Makes the default certificate: self-signed, for a year, for names that no Secret covers. */
  constructor(router: () => Router, clock: Clock) {
    this.#router = router;
    this.#default = selfSignedCertificate('default', {
      commonName: 'Portolan default certificate',
      dnsNames: ['localhost', 'portolan.invalid'],
      // Clocks differ.
      notBeforeMs: clock.wallMs() - dayMs,
      notAfterMs: clock.wallMs() + 365 * dayMs,
    });
  }

  /** For the server's own context: clients without SNI, and names without a certificate. */
  get defaultContext(): ContextOptions {
    return contextOptions(this.#default);
  }

  /** Certificates that parse and yet cannot be served, as far as anybody asked for them. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** Takes the certificates of a table over. */
  replace(table: RouteTable): void {
    this.#certificates = table.certificates;
    for (const id of this.#built.keys()) {
      if (table.certificates.has(id)) continue;
      this.#built.delete(id);
      this.#problems.delete(id);
    }
  }

  /** The context for a name; undefined: the default one. */
  contextFor(serverName: string): SecureContext | undefined {
    const id = this.#router().host(serverName)?.certificate;
    const certificate = id === undefined ? undefined : this.#certificates.get(id);
    if (!certificate) return undefined;
    const before = this.#built.get(certificate.id);
    if (before?.fingerprint === certificate.fingerprint) return before.context;
    const context = this.#build(certificate) ?? before?.context;
    this.#built.set(certificate.id, { fingerprint: certificate.fingerprint, context });
    return context;
  }

  /** Keys that are too short, for one, pass every check but OpenSSL's own. */
  #build(certificate: Certificate): SecureContext | undefined {
    const { id } = certificate;
    this.#problems.delete(id);
    try {
      return createSecureContext(contextOptions(certificate));
    } catch (error) {
      const [namespace = '', name = ''] = id.split('/');
      this.#problems.set(id, {
        severity: 'error',
        reason: 'CertificateUnusable',
        message: `TLS does not take the certificate (${describeError(error)}); the one before it, or else the default certificate, is in force`,
        object: { kind: 'Secret', namespace, name },
      });
      return undefined;
    }
  }
}

function contextOptions({ certificatePem, privateKeyPem }: Certificate): ContextOptions {
  return { cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.2' };
}
