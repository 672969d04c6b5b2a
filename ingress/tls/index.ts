/** Certificates: parsing, what they cover, and one to start with. */
export { CertificateError, parseKeyPair } from './key-pair.ts';
export { type SelfSignedOptions, selfSignedCertificate } from './self-signed.ts';
export { coversHost, serverNamesOf } from './server-names.ts';
