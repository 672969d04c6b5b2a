/** Certificates: parsing, what they cover, and one to start with. */
export { authorityError, ciphersError } from './authority.ts';
export { type ClientCertificate, describeClientCertificate } from './client-certificate.ts';
export { readClientHello } from './client-hello.ts';
export { CertificateError, parseKeyPair } from './key-pair.ts';
export { type SelfSignedOptions, selfSignedCertificate } from './self-signed.ts';
export { coversHost } from './server-names.ts';
