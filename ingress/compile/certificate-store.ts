import type { Problem } from '../../controller/base/index.ts';
import { objectKey, type Secret } from '../../controller/objects/index.ts';
import { CertificateError, parseKeyPair } from '../tls/key-pair.ts';
import type { Certificate } from './table.ts';

/** What a Secret offers to TLS. */
export interface CertificateState {
  /** In force: from the Secret as it is, or the last good one while it is broken. */
  readonly certificate: Certificate | undefined;
  /** What is wrong with it, and what is in force meanwhile. */
  readonly problem: Omit<Problem, 'object'> | undefined;
}

/** Certificates from Secrets, parsed when a host first asks, and again when the Secret changes. */
export class CertificateStore {
  readonly #secrets = new Map<string, Secret>();
  readonly #states = new Map<
    string,
    { readonly secret: Secret; readonly state: CertificateState }
  >();

  /** A Secret of type `kubernetes.io/tls`, or of any other: the type is judged on use. */
  put(secret: Secret): void {
    this.#secrets.set(objectKey(secret.metadata), secret);
  }

  /** Removing is meant: unlike a broken Secret, a missing one keeps no certificate in force. */
  remove(key: string): void {
    this.#secrets.delete(key);
    this.#states.delete(key);
  }

  /** The Secret itself, for what is no certificate. */
  secret(key: string): Secret | undefined {
    return this.#secrets.get(key);
  }

  /** The state of `namespace/name` now. */
  get(key: string): CertificateState {
    const secret = this.#secrets.get(key);
    if (!secret) return missing(key);
    const known = this.#states.get(key);
    if (known?.secret === secret) return known.state;
    const state = read(key, secret, known?.state.certificate);
    this.#states.set(key, { secret, state });
    return state;
  }
}

function read(key: string, secret: Secret, lastGood: Certificate | undefined): CertificateState {
  if (secret.type !== 'kubernetes.io/tls') {
    return broken(
      'NotATLSSecret',
      `Secret ${key} is of type ${secret.type ?? 'Opaque'}`,
      lastGood,
      'a Secret of type kubernetes.io/tls (kubectl create secret tls)',
    );
  }
  const [certificatePem, privateKeyPem] = ['tls.crt', 'tls.key'].map((name) =>
    Buffer.from(secret.data?.[name] ?? '', 'base64').toString('latin1'),
  );
  if (!certificatePem || !privateKeyPem) {
    const empty = certificatePem ? 'tls.key' : 'tls.crt';
    return broken('CertificateMissing', `Secret ${key} has no "${empty}"`, lastGood);
  }
  try {
    return { certificate: parseKeyPair(key, certificatePem, privateKeyPem), problem: undefined };
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return broken(error.code, `Secret ${key}: ${error.message}`, lastGood);
  }
}

function missing(key: string): CertificateState {
  return broken('NoSuchSecret', `Secret ${key} does not exist`, undefined);
}

function broken(
  reason: string,
  what: string,
  lastGood: Certificate | undefined,
  instead?: string,
): CertificateState {
  const inForce = lastGood ? 'its last good certificate' : 'the default certificate';
  const message = `${what}; ${inForce} is in force`;
  return {
    certificate: lastGood,
    problem: { severity: 'error', reason, message, ...(instead && { instead }) },
  };
}
