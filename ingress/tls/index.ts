/** Certificates: parsing, what they cover, and one to start with. */
export { parseKeyPair } from './key-pair.ts';
export { type SelfSignedOptions, selfSignedCertificate } from './self-signed.ts';
export { coversHost } from './server-names.ts';
