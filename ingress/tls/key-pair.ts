import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { PortolanError } from '../../controller/base/index.ts';
import type { Certificate } from '../compile/table.ts';
import { serverNamesOf } from './server-names.ts';

/** Why a certificate and key cannot serve. The message never holds the key. */
export class CertificateError extends PortolanError {}

/**
 * Checks a PEM chain (leaf first) and its private key, and says what they are good for.
 * @throws CertificateError `CertificateInvalid`, `PrivateKeyInvalid`, `CertificateKeyMismatch`
 */
export function parseKeyPair(
  id: string,
  certificatePem: string,
  privateKeyPem: string,
): Certificate {
  const leaf = parseLeaf(certificatePem);
  const key = parseKey(privateKeyPem);
  if (!leaf.checkPrivateKey(key)) {
    throw new CertificateError(
      'CertificateKeyMismatch',
      'tls.key is not the key of the first certificate in tls.crt (the leaf comes first)',
    );
  }
  return {
    id,
    fingerprint: createHash('sha256')
      .update(certificatePem)
      .update('\0')
      .update(privateKeyPem)
      .digest('hex'),
    certificatePem,
    privateKeyPem,
    serverNames: serverNamesOf(leaf),
    notAfterMs: leaf.validToDate.getTime(),
  };
}

function parseLeaf(pem: string): X509Certificate {
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new CertificateError('CertificateInvalid', 'tls.crt holds no PEM certificate');
  }
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new CertificateError('CertificateInvalid', 'tls.crt is not a PEM certificate', { cause });
  }
}

function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // No cause: what the library says of a key it could not read may quote it.
    throw new CertificateError(
      'PrivateKeyInvalid',
      'tls.key is not an unencrypted PEM private key',
    );
  }
}
