import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, ConfigError, describeError } from '../../base/index.ts';
import { type Credential, issueCertificate } from './certificate.ts';
import { adminGroup, readerGroup } from './user.ts';

const dayMs = 24 * 60 * 60 * 1000;
const authorityName = 'portolan';
/** A new authority invalidates every kubeconfig that was copied elsewhere: rarely. */
const authorityLifetimeMs = 10 * 365 * dayMs;
/** Issued at every start, so this bounds how long one daemon may run without a restart. */
const leafLifetimeMs = 2 * 365 * dayMs;
/** Machines' clocks differ. */
const backdatingMs = 60 * 60 * 1000;

/** What the API proves itself with, and what its users do. */
export interface Credentials {
  /** PEM of the certificate that signs all others. */
  readonly authority: string;
  readonly server: Credential;
  readonly admin: Credential;
  /** Bearer token of the read-only user. */
  readonly readerToken: string;
}

/**
 * Reads the certificate authority of `folder`, or makes one, and issues what this run needs. The
 * private keys are for the owner of the folder alone to read.
 * @throws ConfigError `CredentialsUnusable`
 */
export function openCredentials(
  folder: string,
  serverNames: readonly string[],
  clock: Clock,
): Credentials {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const authority = openAuthority(folder, clock);
    const nowMs = clock.wallMs();
    const period = { notBeforeMs: nowMs - backdatingMs, notAfterMs: nowMs + leafLifetimeMs };
    const signer = { commonName: authorityName, privateKey: authority.privateKey };
    const use = { kind: 'server', names: serverNames } as const;
    return {
      authority: authority.certificate,
      server: issueCertificate({ commonName: 'portolan-api', use, ...period }, signer),
      admin: issueCertificate(
        {
          commonName: 'portolan-admin',
          organisations: [adminGroup],
          use: { kind: 'client' },
          ...period,
        },
        signer,
      ),
      readerToken: openToken(join(folder, 'reader.token')),
    };
  } catch (cause) {
    const message = `the credentials of the API in ${folder} cannot be used: ${describeError(cause)}; remove the folder for new ones`;
    throw new ConfigError('CredentialsUnusable', message, undefined, { cause });
  }
}

/** The user that a bearer token stands for, by name and groups. */
export const readerIdentity: { readonly name: string; readonly groups: readonly string[] } = {
  name: 'portolan-reader',
  groups: [readerGroup],
};

function openAuthority(folder: string, clock: Clock): Credential {
  const certificatePath = join(folder, 'ca.crt');
  const keyPath = join(folder, 'ca.key');
  const certificate = readIfThere(certificatePath);
  const privateKey = readIfThere(keyPath);
  if (certificate !== undefined && privateKey !== undefined) {
    const { validToDate } = new X509Certificate(certificate);
    if (validToDate.getTime() > clock.wallMs() + leafLifetimeMs) return { certificate, privateKey };
  }
  const nowMs = clock.wallMs();
  const made = issueCertificate({
    commonName: authorityName,
    use: { kind: 'authority' },
    notBeforeMs: nowMs - backdatingMs,
    notAfterMs: nowMs + authorityLifetimeMs,
  });
  // The key first: a certificate alone is made anew, a key alone is of no use to anybody.
  writePrivate(keyPath, made.privateKey);
  writePrivate(certificatePath, made.certificate);
  return made;
}

function openToken(path: string): string {
  const found = readIfThere(path)?.trim();
  // 256 bits in hexadecimal: a shorter one was written by hand, or only half.
  if (found !== undefined && /^[0-9a-f]{64}$/.test(found)) return found;
  const token = randomBytes(32).toString('hex');
  writePrivate(path, `${token}\n`);
  return token;
}

/** Whole or not at all, and readable for the owner alone. */
export function writePrivate(path: string, text: string): void {
  const unfinished = `${path}.new`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
