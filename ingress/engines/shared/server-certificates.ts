import { createHash, hkdfSync, randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Clock, describeError, type Problem } from '../../../controller/base/index.ts';
import type { Certificate, ClientAuthority, RouteDiff, RouteTable } from '../../compile/table.ts';
import type { Router } from '../../router/index.ts';
import { selfSignedCertificate } from '../../tls/index.ts';
import type { TlsSettings } from './options.ts';

/** Fields of a TLS server's options that are ours. */
export interface ContextOptions {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
  readonly ciphers?: string;
  readonly ticketKeys?: Buffer;
  /** Sessions of one are never resumed under another. */
  readonly sessionIdContext: string;
  readonly ca?: string;
  readonly crl?: string;
}

/** What is to be done with a connection for some name. */
export type TlsTreatment =
  | { readonly kind: 'passthrough'; readonly pool: string }
  /** The client is asked for a certificate, and the context checks it. */
  | { readonly kind: 'ask-client'; readonly context: SecureContext }
  | { readonly kind: 'usual' };

interface Built {
  readonly fingerprint: string;
  /** Undefined: TLS would not have it, and there was none before it. */
  readonly context: SecureContext | undefined;
}

/** What OpenSSL makes of it: a name, a key to sign with and one to encrypt with. */
const ticketKeyBytes = 48;
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
  readonly #settings: TlsSettings;
  /** Hosts with passthrough or client certificates: without any, no name has to be read early. */
  readonly #special = new Set<string>();
  readonly #asking = new WeakMap<ClientAuthority, Built>();

  /** Makes the default certificate: self-signed, for a year, for names that no Secret covers. */
  constructor(router: () => Router, clock: Clock, settings: TlsSettings) {
    this.#router = router;
    this.#settings = settings;
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
    return this.#contextOptions(this.#default);
  }

  /** Some names need more than another certificate: `treatmentOf` has to be asked beforehand. */
  get hasSpecialNames(): boolean {
    return this.#special.size > 0;
  }

  /** Hosts are new, changed or gone. */
  hostsChanged({ upserted, removed }: RouteDiff['hosts']): void {
    for (const host of removed) this.#special.delete(host);
    for (const { host, passthrough, clientAuthority } of upserted) {
      if (passthrough !== undefined || clientAuthority) this.#special.add(host);
      else this.#special.delete(host);
    }
  }

  /** What to do with a connection before TLS begins. `serverName` undefined: no SNI. */
  treatmentOf(serverName: string | undefined): TlsTreatment {
    const host = serverName === undefined ? undefined : this.#router().host(serverName);
    if (!host) return { kind: 'usual' };
    if (host.passthrough !== undefined) return { kind: 'passthrough', pool: host.passthrough };
    if (!host.clientAuthority) return { kind: 'usual' };
    const id = host.certificate;
    const certificate = (id !== undefined && this.#certificates.get(id)) || this.#default;
    const context = this.#askingContext(certificate, host.clientAuthority, host.host);
    // Without a context nobody can show anything, and the filter that wants it lets nobody pass.
    return context ? { kind: 'ask-client', context } : { kind: 'usual' };
  }

  /** Certificates that parse and yet cannot be served, as far as anybody asked for them. */
  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** Takes the certificates of a table over. */
  replace(table: RouteTable): void {
    this.#certificates = table.certificates;
    this.#special.clear();
    this.hostsChanged({ upserted: [...table.hosts.values()], removed: [] });
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

  /** One for each authority and certificate. */
  #askingContext(
    certificate: Certificate,
    authority: ClientAuthority,
    host: string,
  ): SecureContext | undefined {
    const before = this.#asking.get(authority);
    if (before?.fingerprint === certificate.fingerprint) return before.context;
    let context: SecureContext | undefined;
    try {
      context = createSecureContext(this.#askingOptions(certificate, authority, host));
      this.#problems.delete(`${host} clients`);
    } catch (error) {
      this.#problems.set(`${host} clients`, {
        severity: 'error',
        reason: 'ClientAuthorityUnusable',
        message: `TLS for ${host} does not take the CA of client certificates (${describeError(error)}); nobody passes`,
      });
    }
    this.#asking.set(authority, { fingerprint: certificate.fingerprint, context });
    return context;
  }

  /** A session of such a host says that its client was checked, so it may serve no other host. */
  #askingOptions(
    certificate: Certificate,
    { caPem, crlPem }: ClientAuthority,
    host: string,
  ): ContextOptions {
    const usual = this.#contextOptions(certificate);
    const about = createHash('sha256')
      .update(`${host}\n${caPem}\n${crlPem ?? ''}`)
      .digest('hex');
    const shared = this.#settings.ticketKeys ?? randomBytes(ticketKeyBytes);
    const own = hkdfSync('sha256', shared, '', about, ticketKeyBytes);
    return {
      ...usual,
      ca: caPem,
      ...(crlPem !== undefined && { crl: crlPem }),
      sessionIdContext: about.slice(0, 32),
      ticketKeys: Buffer.from(own),
    };
  }

  #contextOptions({ certificatePem, privateKeyPem }: Certificate): ContextOptions {
    const { minVersion = 'TLSv1.2', ciphers, ticketKeys } = this.#settings;
    return {
      cert: certificatePem,
      key: privateKeyPem,
      minVersion,
      sessionIdContext: 'portolan',
      ...(ciphers !== undefined && { ciphers }),
      ...(ticketKeys && { ticketKeys: Buffer.from(ticketKeys) }),
    };
  }

  /** Keys that are too short, for one, pass every check but OpenSSL's own. */
  #build(certificate: Certificate): SecureContext | undefined {
    const { id } = certificate;
    this.#problems.delete(id);
    try {
      return createSecureContext(this.#contextOptions(certificate));
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
