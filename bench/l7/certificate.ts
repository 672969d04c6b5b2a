import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A self-signed certificate in the forms that the contenders want it in. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Certificate and key in one file. */
  readonly bundleFile: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Makes one with openssl, for an ECDSA P-256 key. @throws Error if there is no openssl */
export function makeCertificate(folder: string): Certificate {
  const certificateFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=bench', '-addext', 'subjectAltName=DNS:bench.test,IP:127.0.0.1'];
  const files = ['-keyout', keyFile, '-out', certificateFile, '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, ...files], { stdio: 'ignore' });
  const certificatePem = readFileSync(certificateFile, 'utf8');
  const keyPem = readFileSync(keyFile, 'utf8');
  const bundleFile = join(folder, 'bundle.pem');
  writeFileSync(bundleFile, certificatePem + keyPem);
  return { certificateFile, keyFile, bundleFile, certificatePem, keyPem };
}
