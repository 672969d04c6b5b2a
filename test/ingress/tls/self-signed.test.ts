import { deepEqual, equal, throws } from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { coversHost, parseKeyPair, selfSignedCertificate } from '../../../ingress/index.ts';

const notBeforeMs = Date.UTC(2026, 0, 2, 3, 4, 5);

for (const [what, notAfterMs] of [
  ['as UTCTime', Date.UTC(2049, 11, 31, 23, 59, 59)],
  ['as GeneralizedTime', Date.UTC(2050, 0, 1)],
] as const) {
  test(`a self-signed certificate says what it was asked to, its end ${what}`, () => {
    const dnsNames = ['a.test', '*.b.test'];
    const made = selfSignedCertificate('id', {
      commonName: 'Näme',
      dnsNames,
      notBeforeMs,
      notAfterMs,
    });
    const read = new X509Certificate(made.certificatePem);
    equal(read.verify(read.publicKey), true);
    equal(read.subject, 'CN=Näme');
    equal(read.issuer, read.subject);
    equal(read.ca, false);
    equal(read.validFromDate.getTime(), notBeforeMs);
    equal(read.validToDate.getTime(), notAfterMs);
    equal(made.notAfterMs, notAfterMs);
    deepEqual(made.serverNames, dnsNames);
  });
}

test('many names need longer lengths', () => {
  const dnsNames = Array.from({ length: 200 }, (_, index) => `host-${index}.example.test`);
  const made = selfSignedCertificate('id', {
    commonName: 'x',
    dnsNames,
    notBeforeMs,
    notAfterMs: notBeforeMs + 1000,
  });
  deepEqual(made.serverNames, dnsNames);
});

test('each has a serial number and a key of its own', () => {
  const options = { commonName: 'x', dnsNames: [], notBeforeMs, notAfterMs: notBeforeMs + 1000 };
  const [one, two] = [selfSignedCertificate('id', options), selfSignedCertificate('id', options)];
  equal(
    new X509Certificate(one.certificatePem).serialNumber ===
      new X509Certificate(two.certificatePem).serialNumber,
    false,
  );
  throws(() => parseKeyPair('id', one.certificatePem, two.privateKeyPem), {
    code: 'CertificateKeyMismatch',
  });
});

const coverage = [
  [['app.test'], 'app.test', true],
  [['app.test'], 'a.app.test', false],
  [['*.app.test'], 'a.app.test', true],
  [['*.app.test'], 'app.test', false],
  [['*.app.test'], 'a.b.app.test', false],
  [['*.app.test'], '*.app.test', true],
  [['a.app.test'], '*.app.test', false],
  [['*.test'], 'localhost', false],
  [[], 'app.test', false],
] as const;
for (const [names, host, expected] of coverage) {
  test(`a certificate for ${names.join(', ') || 'nobody'} covers ${host}: ${expected}`, () => {
    equal(coversHost(names, host), expected);
  });
}
