import { deepEqual, equal, match } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import type { Secret } from '../../../controller/objects/index.ts';
import { selfSignedCertificate } from '../../../ingress/index.ts';
import { ingress, path, rule, secret } from '../compile/objects.ts';
import { startRig } from '../engines/compat/rig.ts';
import {
  annotated,
  type Annotations,
  compiled,
  onlyRoute,
  send,
  startEndpoint,
  prefix,
} from './rig.ts';

const dayMs = 86_400_000;
const certificateFor = (name: string): ReturnType<typeof selfSignedCertificate> =>
  selfSignedCertificate(name, {
    commonName: name,
    dnsNames: [name],
    notBeforeMs: Date.now() - dayMs,
    notAfterMs: Date.now() + dayMs,
  });
const ann = certificateFor('ann');
const eve = certificateFor('eve');
const own = { 'auth-tls-secret': 'default/ca' };
const ca = secret('ca', { 'ca.crt': `${ann.certificatePem}\n${eve.certificatePem}` }, 'Opaque');
const shown = (pair: typeof ann): ConnectionOptions => ({
  cert: pair.certificatePem,
  key: pair.privateKeyPem,
});

async function ask(
  port: number,
  options: ConnectionOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    rejectUnauthorized: false,
    servername: 'app.test',
    ...options,
  });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write('GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return { status: Number(text.split(' ')[1]), text };
}

suite('auth-tls: who gets in', () => {
  const cn = { ...own, 'auth-tls-match-cn': 'CN=(ann|bob)' };
  const page = { ...own, 'auth-tls-error-page': 'https://help.test/' };
  const rows: readonly (readonly [
    what: string,
    Annotations,
    ConnectionOptions,
    status: number,
    verify: string | undefined,
  ])[] = [
    ['a certificate of the CA', own, shown(ann), 200, 'SUCCESS'],
    ['none', own, {}, 400, undefined],
    ['none, and a page for that', page, {}, 302, undefined],
    ['none, optional', { ...own, 'auth-tls-verify-client': 'optional' }, {}, 200, 'NONE'],
    ['none, off', { ...own, 'auth-tls-verify-client': 'off' }, {}, 200, 'NONE'],
    ['a name that matches', cn, shown(ann), 200, 'SUCCESS'],
    ['a name that does not', cn, shown(eve), 403, undefined],
    [
      'a name in another case',
      { ...own, 'auth-tls-match-cn': 'CN=ANN' },
      shown(ann),
      403,
      undefined,
    ],
  ];
  for (const [what, set, options, status, verify] of rows) {
    test(`${what}: ${status}`, async () => {
      await using endpoint = await startEndpoint();
      const { table, problems } = compiled([annotated(set, { tls: true })], {
        services: { app: endpoint.port },
        secrets: [ca],
      });
      deepEqual(problems, []);
      await using rig = await startRig(table, { https: { host: '127.0.0.1', port: 0 } });
      const answer = await ask(rig.httpsPort, options);
      equal(answer.status, status);
      equal(endpoint.requests[0]?.headers['ssl-client-verify'], verify);
      equal(endpoint.requests.length, status === 200 ? 1 : 0);
    });
  }
});

test('auth-tls: over plain http 403, or the redirect; ACME is let through', async () => {
  await using endpoint = await startEndpoint();
  const rows = [
    [{ ...own, 'ssl-redirect': 'false' }, 403],
    [own, 308],
    [{ ...own, 'permanent-redirect': 'https://b.test/' }, 301],
  ] as const;
  for (const [set, status] of rows) {
    const others = { services: { app: endpoint.port }, secrets: [ca] };
    const { table } = compiled([annotated(set, { tls: true })], others);
    await using rig = await startRig(table);
    equal((await send(rig.port, '/x')).status, status);
    if (status === 301) continue;
    equal((await send(rig.port, '/.well-known/acme-challenge/x')).status, 200);
    const around = '/.well-known/acme-challenge/../../x';
    equal((await send(rig.port, around)).status, status);
  }
});

suite('auth-tls: what is unclear closes the whole host', () => {
  const rows: readonly (readonly [what: string, Annotations, readonly Secret[], reason: string])[] =
    [
      ['no Secret', own, [], 'NoSuchSecret'],
      ['a Secret without ca.crt', own, [secret('ca', { x: 'y' }, 'Opaque')], 'InvalidSecret'],
      ['a broken CA', own, [secret('ca', { 'ca.crt': 'x' }, 'Opaque')], 'InvalidSecret'],
      [
        'a broken list of revoked ones',
        own,
        [secret('ca', { 'ca.crt': ann.certificatePem, 'ca.crl': 'x' }, 'Opaque')],
        'InvalidSecret',
      ],
      ['a name that is none', { 'auth-tls-secret': 'a/b/c' }, [ca], 'InvalidAnnotation'],
      ['another namespace', { 'auth-tls-secret': 'other/ca' }, [ca], 'OtherNamespace'],
      ['a mode that is none', { ...own, 'auth-tls-verify-client': 'x' }, [ca], 'InvalidAnnotation'],
      [
        'a pattern that does not compile',
        { ...own, 'auth-tls-match-cn': 'CN=(' },
        [ca],
        'InvalidPattern',
      ],
      ['a pattern without CN=', { ...own, 'auth-tls-match-cn': 'ann' }, [ca], 'InvalidAnnotation'],
    ];
  for (const [what, set, secrets, reason] of rows) {
    test(what, () => {
      const guarded = annotated(set, { name: 'a', path: '/a' });
      const other = annotated({}, { name: 'b', path: '/b' });
      const { table, problems } = compiled([guarded, other], { secrets });
      deepEqual(
        problems.map((one) => one.reason),
        [reason],
      );
      const routes = table.hosts.get('app.test')?.routes ?? [];
      deepEqual(
        routes.map(({ backend }) => backend.kind),
        ['unavailable', 'unavailable'],
      );
    });
  }
});

test('auth-tls holds for the paths of every Ingress of the host, and for its default backend', () => {
  const backend = { service: { name: 'app', port: { number: 80 } } };
  const plain = ingress('b', {
    ingressClassName: 'nginx',
    ...rule('app.test', path('/b')),
    defaultBackend: backend,
  });
  const guarded = annotated(own, { name: 'a', path: '/a' });
  const { table } = compiled([guarded, plain], { secrets: [ca] });
  const host = table.hosts.get('app.test');
  equal(host?.clientAuthority?.caPem.includes('BEGIN CERTIFICATE'), true);
  deepEqual(
    host?.routes.map((one) => [one.path, one.filters[0]?.kind]),
    [
      ['/b', 'client-certificate'],
      ['/a', 'client-certificate'],
      ['/', 'client-certificate'],
    ],
  );
});

test('access control on a default backend of all hosts closes it', () => {
  const metadata = { annotations: { [`${prefix}whitelist-source-range`]: '10.0.0.0/8' } };
  const backend = { service: { name: 'app', port: { number: 80 } } };
  const everybody = ingress(
    'all',
    { ingressClassName: 'nginx', defaultBackend: backend },
    metadata,
  );
  const { table, problems } = compiled([everybody]);
  equal(table.defaultBackend?.kind, 'unavailable');
  deepEqual(
    problems.map(({ reason }) => reason),
    ['GuardedDefaultBackend'],
  );
});

test('ssl-passthrough: the pool of the path /, and plain http goes to https', () => {
  const at = annotated({ 'ssl-passthrough': 'true' }, { name: 'a', path: '/', service: 'tls' });
  const other = annotated({}, { name: 'b', path: '/b' });
  const { table, problems } = compiled([other, at], { services: { app: 8080, tls: 8443 } });
  deepEqual(problems, []);
  const host = table.hosts.get('app.test');
  equal(host?.passthrough, 'default/tls:80');
  equal(host?.tls, true);
});

suite('proxy-ssl', () => {
  const pair = certificateFor('endpoint.test');
  const both = secret(
    'up',
    { 'tls.crt': pair.certificatePem, 'tls.key': pair.privateKeyPem, 'ca.crt': ann.certificatePem },
    'Opaque',
  );
  const set = { 'backend-protocol': 'HTTPS', 'proxy-ssl-secret': 'default/up' };

  test('what it comes to', () => {
    const annotations = {
      ...set,
      'proxy-ssl-verify': 'on',
      'proxy-ssl-name': 'endpoint.test',
      'proxy-ssl-protocols': 'TLSv1.3',
      'proxy-ssl-ciphers': 'ECDHE-RSA-AES128-GCM-SHA256',
    };
    const result = compiled([annotated(annotations)], { secrets: [both] });
    deepEqual(result.problems, []);
    deepEqual(onlyRoute(result).options?.tls, {
      verify: true,
      serverName: 'endpoint.test',
      caPem: ann.certificatePem,
      certificatePem: pair.certificatePem,
      privateKeyPem: pair.privateKeyPem,
      ciphers: 'ECDHE-RSA-AES128-GCM-SHA256',
      minVersion: 'TLSv1.3',
    });
  });

  const broken: readonly (readonly [Annotations, Readonly<Record<string, string>>])[] = [
    [
      { ...set, 'proxy-ssl-verify': 'on' },
      { 'tls.crt': pair.certificatePem, 'tls.key': pair.privateKeyPem },
    ],
    [set, { 'ca.crt': 'x' }],
    [set, { 'tls.crt': pair.certificatePem }],
    [set, { 'tls.crt': ann.certificatePem, 'tls.key': pair.privateKeyPem }],
    [{ ...set, 'proxy-ssl-ciphers': 'NOTHING' }, { 'ca.crt': ann.certificatePem }],
  ];
  for (const [index, [annotations, data]] of broken.entries()) {
    test(`a Secret that is of no use closes the route, ${index}`, () => {
      const result = compiled([annotated(annotations)], {
        secrets: [secret('up', data, 'Opaque')],
      });
      equal(onlyRoute(result).backend.kind, 'unavailable');
      const [problem] = result.problems;
      match(problem?.message ?? '', /the route answers 503$/);
      equal(problem?.message.includes('PRIVATE'), false);
    });
  }
});
