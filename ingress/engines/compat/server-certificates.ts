import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock } from '../../../controller/base/index.ts';
import type { Certificate, RouteTable } from '../../compile/table.ts';
import { selfSignedCertificate } from '../../tls/index.ts';
import type { Router } from '../../router/index.ts';

/** Fields of a TLS server's options that are ours. */
export interface ContextOptions {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2';
}

const dayMs = 24 * 3_600_000;

/**
 * The certificates that https serves, by the name asked for (SNI). Contexts are built once for
 * each certificate and key; running connections keep the one they began with.
 */
export class ServerCertificates {
  readonly #router: () => Router;
  readonly #default: Certificate;
  readonly #byId = new Map<
    string,
    { readonly fingerprint: string; readonly context: SecureContext }
  >();

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

  /** Takes the certificates of a table over. Those whose fingerprint is known cost nothing. */
  replace(table: RouteTable): void {
    for (const id of this.#byId.keys()) if (!table.certificates.has(id)) this.#byId.delete(id);
    for (const certificate of table.certificates.values()) {
      const { id, fingerprint } = certificate;
      if (this.#byId.get(id)?.fingerprint === fingerprint) continue;
      this.#byId.set(id, {
        fingerprint,
        context: createSecureContext(contextOptions(certificate)),
      });
    }
  }

  /** The context for a name; undefined: the default one. */
  contextFor(serverName: string): SecureContext | undefined {
    const id = this.#router().host(serverName)?.certificate;
    return id === undefined ? undefined : this.#byId.get(id)?.context;
  }
}

function contextOptions({ certificatePem, privateKeyPem }: Certificate): ContextOptions {
  return { cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1.2' };
}
