import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { IngressTLS } from '../../../controller/objects/index.ts';
import type { RouteCompilation } from '../../../ingress/index.ts';
import {
  app,
  ingress,
  keyPair,
  path,
  rule,
  secret,
  startCompiler,
  tlsSecret,
  upserted,
  removed,
} from './objects.ts';

const own = keyPair('app.test');
const wild = keyPair('*.app.test');
const foreign = keyPair('other.test');
const secrets = [
  tlsSecret('own', own),
  tlsSecret('wild', wild),
  tlsSecret('foreign', foreign),
  secret('opaque', { 'tls.crt': own.certificatePem, 'tls.key': own.privateKeyPem }, 'Opaque'),
  secret('mismatch', { 'tls.crt': own.certificatePem, 'tls.key': wild.privateKeyPem }),
  secret('garbled', { 'tls.crt': 'nonsense', 'tls.key': own.privateKeyPem }),
  secret('no-pem-key', { 'tls.crt': own.certificatePem, 'tls.key': 'nonsense' }),
  secret('half', { 'tls.crt': own.certificatePem }),
];

const cases = [
  // host, tls section, certificate, claimed, problems
  ['app.test', [{ hosts: ['app.test'], secretName: 'own' }], 'own', true, []],
  ['app.test', [], undefined, false, []],
  ['app.test', [{ hosts: ['b.test'], secretName: 'foreign' }], undefined, false, []],
  ['app.test', [{ hosts: ['b.test'], secretName: 'own' }], 'own', true, []],
  ['app.test', [{ secretName: 'own' }], 'own', true, []],
  ['app.test', [{ hosts: ['app.test'] }], undefined, true, []],
  ['a.app.test', [{ hosts: ['a.app.test'], secretName: 'wild' }], 'wild', true, []],
  ['*.app.test', [{ hosts: ['*.app.test'], secretName: 'wild' }], 'wild', true, []],
  [
    'a.b.app.test',
    [{ hosts: ['a.b.app.test'], secretName: 'wild' }],
    undefined,
    true,
    ['CertificateDoesNotCoverHost'],
  ],
  [
    'app.test',
    [{ hosts: ['app.test'], secretName: 'foreign' }],
    undefined,
    true,
    ['CertificateDoesNotCoverHost'],
  ],
  ['app.test', [{ hosts: ['app.test'], secretName: 'absent' }], undefined, true, ['NoSuchSecret']],
  ['app.test', [{ hosts: ['app.test'], secretName: 'opaque' }], undefined, true, ['NotATLSSecret']],
  [
    'app.test',
    [{ hosts: ['app.test'], secretName: 'mismatch' }],
    undefined,
    true,
    ['CertificateKeyMismatch'],
  ],
  [
    'app.test',
    [{ hosts: ['app.test'], secretName: 'garbled' }],
    undefined,
    true,
    ['CertificateInvalid'],
  ],
  [
    'app.test',
    [{ hosts: ['app.test'], secretName: 'no-pem-key' }],
    undefined,
    true,
    ['PrivateKeyInvalid'],
  ],
  [
    'app.test',
    [{ hosts: ['app.test'], secretName: 'half' }],
    undefined,
    true,
    ['CertificateMissing'],
  ],
] as const satisfies readonly (readonly [
  string,
  readonly IngressTLS[],
  string | undefined,
  boolean,
  readonly string[],
])[];
for (const [host, tls, certificate, claimed, problems] of cases) {
  const what = tls.map((item) => JSON.stringify(item)).join(' ') || 'no tls';
  test(`${host} with ${what}: ${certificate ?? 'the default certificate'}`, () => {
    const { update } = startCompiler();
    const result = update({
      secrets: upserted(...secrets),
      bundles: upserted(app('app')),
      ingresses: upserted(ingress('web', { ...rule(host, path('/')), tls })),
    });
    const routes = result.table.hosts.get(host);
    equal(routes?.certificate, certificate && `default/${certificate}`);
    equal(routes?.tls, claimed);
    equal(routes?.httpsRedirect, claimed);
    equal(routes?.routes[0]?.httpsRedirect, claimed);
    deepEqual([...result.table.certificates.keys()], certificate ? [`default/${certificate}`] : []);
    deepEqual(
      result.problems.map(({ reason }) => reason),
      problems,
    );
    // Contents of Secrets stay out of what people read.
    equal(/BEGIN|nonsense/.test(JSON.stringify(result.problems)), false);
  });
}

function served(): {
  update: ReturnType<typeof startCompiler>['update'];
  clock: ReturnType<typeof startCompiler>['clock'];
  first: RouteCompilation;
} {
  const { update, clock } = startCompiler();
  const tls = [{ hosts: ['app.test'], secretName: 'own' }];
  const first = update({
    secrets: upserted(tlsSecret('own', own)),
    bundles: upserted(app('app')),
    ingresses: upserted(ingress('web', { ...rule('app.test', path('/')), tls })),
  });
  return { update, clock, first };
}

test('a Secret that breaks leaves its last good certificate in force', () => {
  const { update, first } = served();
  const broken = secret('own', { 'tls.crt': own.certificatePem, 'tls.key': wild.privateKeyPem });
  const result = update({ secrets: upserted(broken) });
  equal(result.table, first.table);
  deepEqual(
    result.problems.map(({ reason }) => reason),
    ['CertificateKeyMismatch'],
  );
  equal(result.problems[0]?.message.endsWith('its last good certificate is in force'), true);
});

test('a new certificate in the Secret is a change of certificates alone', () => {
  const { update } = served();
  const renewed = keyPair('app.test');
  const { diff } = update({ secrets: upserted(tlsSecret('own', renewed)) });
  deepEqual(diff?.hosts, { upserted: [], removed: [] });
  deepEqual(
    diff?.certificates.upserted.map(({ fingerprint }) => fingerprint),
    [renewed.fingerprint],
  );
});

test('a Secret that is removed gives way to the default certificate', () => {
  const { update } = served();
  const { table, problems } = update({ secrets: removed('default/own') });
  equal(table.hosts.get('app.test')?.certificate, undefined);
  equal(table.certificates.size, 0);
  deepEqual(
    problems.map(({ reason }) => reason),
    ['NoSuchSecret'],
  );
});

for (const [daysLeft, reason] of [
  [11, undefined],
  [9, 'CertificateExpiresSoon'],
  [-1, 'CertificateExpired'],
] as const) {
  test(`${daysLeft} days before expiry: ${reason ?? 'nothing to say'}`, () => {
    const { update, clock, first } = served();
    const notAfterMs = first.table.certificates.get('default/own')?.notAfterMs ?? 0;
    clock.advance(notAfterMs - clock.wallMs() - daysLeft * 24 * 3_600_000);
    const result = update({ secrets: upserted(tlsSecret('own', own)) });
    deepEqual(
      result.problems.map((problem) => problem.reason),
      reason ? [reason] : [],
    );
    equal(result.table.hosts.get('app.test')?.certificate, 'default/own');
  });
}

const redirects = [
  ['TLS alone', true, {}, true, []],
  ['no TLS', false, {}, false, []],
  ['our annotation off', true, { 'portolan.dev/ssl-redirect': 'false' }, false, []],
  [
    'nginx annotation off',
    true,
    { 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' },
    false,
    [],
  ],
  [
    'ours before nginx',
    true,
    { 'portolan.dev/ssl-redirect': 't', 'nginx.ingress.kubernetes.io/ssl-redirect': 'false' },
    true,
    [],
  ],
  [
    'forced without TLS',
    false,
    { 'nginx.ingress.kubernetes.io/force-ssl-redirect': 'True' },
    true,
    [],
  ],
  ['not a boolean', true, { 'portolan.dev/ssl-redirect': 'nope' }, true, ['InvalidAnnotation']],
] as const;
for (const [what, hasTls, annotations, expected, problems] of redirects) {
  test(`redirect to https, ${what}: ${expected}`, () => {
    const { update } = startCompiler();
    const tls = hasTls ? [{ hosts: ['app.test'] }] : [];
    const result = update({
      bundles: upserted(app('app')),
      ingresses: upserted(ingress('web', { ...rule('app.test', path('/')), tls }, { annotations })),
    });
    equal(result.table.hosts.get('app.test')?.routes[0]?.httpsRedirect, expected);
    deepEqual(
      result.problems.map(({ reason }) => reason),
      problems,
    );
  });
}

test('TLS of one Ingress redirects the paths of all Ingresses of the host', () => {
  const { update } = startCompiler();
  const tls = [{ hosts: ['app.test'] }];
  const { table } = update({
    bundles: upserted(app('app')),
    ingresses: upserted(
      ingress('a', { ...rule('app.test', path('/a')), tls }),
      ingress('b', rule('app.test', path('/b'))),
    ),
  });
  deepEqual(
    table.hosts.get('app.test')?.routes.map(({ httpsRedirect }) => httpsRedirect),
    [true, true],
  );
});
