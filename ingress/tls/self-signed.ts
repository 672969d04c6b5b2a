import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Certificate } from '../compile/table.ts';
import { der } from '../../controller/base/index.ts';
import { parseKeyPair } from './key-pair.ts';

/** What to put into a self-signed certificate. */
export interface SelfSignedOptions {
  readonly commonName: string;
  /** subjectAltName entries; a wildcard is one whole label. */
  readonly dnsNames: readonly string[];
  /** Unix milliseconds. */
  readonly notBeforeMs: number;
  /** Unix milliseconds. */
  readonly notAfterMs: number;
}

const oids = {
  commonName: '2.5.4.3',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/**
 * A certificate (X.509 v3, ECDSA P-256) signed with its own key: what is served where no Secret
 * is. Made here because node:crypto reads certificates but signs none, and the openssl command is
 * not on every machine.
 */
export function selfSignedCertificate(id: string, options: SelfSignedOptions): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const body = tbsCertificate(options, publicKey, algorithm);
  const signature = sign('sha256', body, privateKey);
  const certificate = der.sequence(body, algorithm, der.bitString(signature));
  const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return parseKeyPair(id, toPem(certificate), privateKeyPem);
}

/** TBSCertificate, RFC 5280 §4.1. */
function tbsCertificate(
  options: SelfSignedOptions,
  publicKey: KeyObject,
  algorithm: Uint8Array,
): Buffer {
  const name = der.sequence(
    der.set(der.sequence(der.oid(oids.commonName), der.utf8String(options.commonName))),
  );
  // Positive and not zero, as RFC 5280 §4.1.2.2 wants it.
  const serial = Buffer.concat([Buffer.of(1), randomBytes(15)]);
  return der.sequence(
    der.tlv(0xa0, der.integer(Buffer.of(2))),
    der.integer(serial),
    algorithm,
    name,
    der.sequence(der.time(options.notBeforeMs), der.time(options.notAfterMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tlv(0xa3, der.sequence(...extensions(options))),
  );
}

/** Critical `CA:FALSE`, and the names. */
function extensions({ dnsNames }: SelfSignedOptions): readonly Buffer[] {
  const names = dnsNames.map((name) => der.tlv(0x82, Buffer.from(name, 'latin1')));
  return [
    der.sequence(
      der.oid(oids.basicConstraints),
      der.boolean(true),
      der.octetString(der.sequence()),
    ),
    der.sequence(der.oid(oids.subjectAltName), der.octetString(der.sequence(...names))),
  ];
}

function toPem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
