import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { der } from '../../base/index.ts';

/** A certificate and its private key, both PEM. */
export interface Credential {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Who or what a certificate is for. */
export type CertificateUse =
  | { readonly kind: 'authority' }
  /** Names and addresses that a server answers to. */
  | { readonly kind: 'server'; readonly names: readonly string[] }
  | { readonly kind: 'client' };

export interface CertificateOptions {
  readonly commonName: string;
  /** Organisations: groups of a client, as Kubernetes reads certificates. */
  readonly organisations?: readonly string[];
  readonly use: CertificateUse;
  /** Unix milliseconds. */
  readonly notBeforeMs: number;
  /** Unix milliseconds. */
  readonly notAfterMs: number;
}

const oids = {
  commonName: '2.5.4.3',
  organisation: '2.5.4.10',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
} as const;

/**
 * A certificate (X.509 v3, ECDSA P-256), signed by `authority`, or by its own key without one.
 * Made here because node:crypto reads certificates but signs none.
 */
export function issueCertificate(
  options: CertificateOptions,
  authority?: { readonly commonName: string; readonly privateKey: string },
): Credential {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der.sequence(der.oid(oids.ecdsaWithSha256));
  const issuer = distinguishedName(authority?.commonName ?? options.commonName, []);
  const body = tbsCertificate(options, issuer, publicKey, algorithm);
  const signer = authority ? createPrivateKey(authority.privateKey) : privateKey;
  const certificate = der.sequence(body, algorithm, der.bitString(sign('sha256', body, signer)));
  return {
    certificate: toPem(certificate),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** TBSCertificate, RFC 5280 §4.1. */
function tbsCertificate(
  options: CertificateOptions,
  issuer: Buffer,
  publicKey: KeyObject,
  algorithm: Buffer,
): Buffer {
  return der.sequence(
    der.tlv(0xa0, der.integer(Buffer.of(2))),
    // Positive and not zero, RFC 5280 §4.1.2.2.
    der.integer(Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    issuer,
    der.sequence(der.time(options.notBeforeMs), der.time(options.notAfterMs)),
    distinguishedName(options.commonName, options.organisations ?? []),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tlv(0xa3, der.sequence(...extensions(options.use))),
  );
}

function distinguishedName(commonName: string, organisations: readonly string[]): Buffer {
  const attribute = (oid: string, value: string): Buffer =>
    der.set(der.sequence(der.oid(oid), der.utf8String(value)));
  return der.sequence(
    ...organisations.map((one) => attribute(oids.organisation, one)),
    attribute(oids.commonName, commonName),
  );
}

function extensions(use: CertificateUse): readonly Buffer[] {
  const isAuthority = use.kind === 'authority';
  // KeyUsage is a bit string from the left: digitalSignature is bit 0, keyCertSign bit 5, cRLSign 6.
  const keyUsage = isAuthority
    ? der.tlv(0x03, Buffer.of(1, 0x06))
    : der.tlv(0x03, Buffer.of(7, 0x80));
  const common = [
    critical(oids.basicConstraints, der.sequence(...(isAuthority ? [der.boolean(true)] : []))),
    critical(oids.keyUsage, keyUsage),
  ];
  switch (use.kind) {
    case 'authority':
      return common;
    case 'client':
      return [...common, plain(oids.extendedKeyUsage, der.sequence(der.oid(oids.clientAuth)))];
    case 'server':
      return [
        ...common,
        plain(oids.extendedKeyUsage, der.sequence(der.oid(oids.serverAuth))),
        plain(oids.subjectAltName, der.sequence(...use.names.map(generalName))),
      ];
    default:
      return use satisfies never;
  }
}

function critical(oid: string, value: Buffer): Buffer {
  return der.sequence(der.oid(oid), der.boolean(true), der.octetString(value));
}

function plain(oid: string, value: Buffer): Buffer {
  return der.sequence(der.oid(oid), der.octetString(value));
}

/** GeneralName: dNSName [2] or iPAddress [7], RFC 5280 §4.2.1.6. */
function generalName(name: string): Buffer {
  if (isIPv4(name)) return der.tlv(0x87, Buffer.from(name.split('.').map(Number)));
  if (isIPv6(name)) return der.tlv(0x87, ipv6Bytes(name));
  return der.tlv(0x82, Buffer.from(name, 'latin1'));
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser knows every way to write one; it gives the shortest.
  const shortest = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = shortest.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  const groups = tail === undefined ? front : [...front, ...zeros, ...back];
  const bytes = Buffer.alloc(16);
  groups.forEach((group, index) => bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2));
  return bytes;
}

function toPem(certificate: Uint8Array): string {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
