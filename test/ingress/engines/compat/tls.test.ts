import { deepEqual, equal, match, notEqual, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createTlsServer, connect, type TLSSocket } from 'node:tls';
import { test } from 'node:test';
import { type Certificate, selfSignedCertificate } from '../../../../ingress/index.ts';
import { appTable, exchange, get, ok, parse, RawUpstream, type Rig, startRig } from './rig.ts';
import { host, pool, route, table, toPool } from './table.ts';

const yearMs = 365 * 24 * 3_600_000;

function certificate(id: string, ...dnsNames: readonly string[]): Certificate {
  const [notBeforeMs, notAfterMs] = [Date.now() - 3_600_000, Date.now() + yearMs];
  return selfSignedCertificate(id, { commonName: id, dnsNames, notBeforeMs, notAfterMs });
}

async function handshake(
  rig: Rig,
  servername: string,
  ...more: readonly object[]
): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: rig.httpsPort,
    ...(servername && { servername }),
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...Object.assign({}, ...more),
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function servedName(rig: Rig, servername: string): Promise<unknown> {
  const socket = await handshake(rig, servername);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN;
}

async function httpsGet(rig: Rig, path: string, name: string = 'app.test'): Promise<string> {
  const socket = await handshake(rig, name);
  socket.write(get(path, 'Connection: close'), 'latin1');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

const https = { host: '127.0.0.1', port: 0 } as const;

test('the certificate is chosen by SNI: exact, wildcard, default', async () => {
  const exact = certificate('ns/exact', 'app.test');
  const wild = certificate('ns/wild', '*.app.test');
  const hosts = [
    host('app.test', [], { certificate: exact.id, tls: true }),
    host('*.app.test', [], { certificate: wild.id, tls: true }),
    host('plain.test', []),
  ];
  const certificates = new Map([exact, wild].map((one) => [one.id, one]));
  await using rig = await startRig(table(hosts, [], { certificates }), { https });
  equal(await servedName(rig, 'app.test'), 'ns/exact');
  equal(await servedName(rig, 'APP.test'), 'ns/exact');
  equal(await servedName(rig, 'a.app.test'), 'ns/wild');
  for (const name of ['a.b.app.test', 'plain.test', 'unknown.test', '']) {
    equal(await servedName(rig, name), 'Portolan default certificate', name);
  }
});

test('a certificate made here is one that clients accept once they trust it', async () => {
  const own = certificate('ns/own', 'app.test');
  const certificates = new Map([[own.id, own]]);
  const hosts = [host('app.test', [], { certificate: own.id, tls: true })];
  await using rig = await startRig(table(hosts, [], { certificates }), { https });
  const trusting = { ca: own.certificatePem, rejectUnauthorized: true };
  const socket = await handshake(rig, 'app.test', trusting);
  equal(socket.authorized, true);
  equal(socket.alpnProtocol, 'http/1.1');
  socket.destroy();
});

test('a new certificate is in use for the next handshake; connections stay open', async () => {
  const before = certificate('ns/app', 'app.test');
  const after = certificate('ns/app', 'app.test');
  const tableOf = (one: Certificate, generation: number): ReturnType<typeof table> =>
    table([host('app.test', [], { certificate: one.id, tls: true })], [], {
      generation,
      certificates: new Map([[one.id, one]]),
    });
  await using rig = await startRig(tableOf(before, 1), { https });
  const old = await handshake(rig, 'app.test');
  const seen = old.getPeerCertificate().fingerprint256;
  await rig.engine.apply(tableOf(after, 2), {
    fromGeneration: 1,
    hosts: { upserted: [], removed: [] },
    pools: { upserted: [], removed: [] },
    certificates: { upserted: [after], removed: [] },
    defaultBackend: undefined,
  });
  const fresh = await handshake(rig, 'app.test');
  notEqual(fresh.getPeerCertificate().fingerprint256, seen);
  fresh.destroy();
  old.end(get('/', 'Connection: close'));
  const [chunk] = await once(old, 'data');
  match(String(chunk), /^HTTP\/1.1 404/);
});

test('a certificate that TLS will not have is reported, and the default one served', async () => {
  // Compilers see to it that this cannot be; OpenSSL refuses more than they can check.
  const weak: Certificate = {
    ...certificate('ns/weak', 'app.test'),
    privateKeyPem: certificate('other', 'app.test').privateKeyPem,
  };
  const first = table([host('app.test', [], { certificate: weak.id, tls: true })], [], {
    certificates: new Map([[weak.id, weak]]),
  });
  await using rig = await startRig(first, { https });
  equal(await servedName(rig, 'app.test'), 'Portolan default certificate');
  await rig.engine.apply(first, undefined);
  deepEqual(rig.problems.reasons, ['CertificateUnusable']);
  equal(JSON.stringify(rig.problems.all).includes('PRIVATE KEY'), false);
});

test('TLS 1.1 is refused', async () => {
  await using rig = await startRig(appTable(), { https });
  const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
  await rejects(handshake(rig, 'app.test', old));
  await rig.has('portolan_ingress_tls_handshake_failures_total');
});

test('https: forwarded fields say so, and HSTS replaces what the endpoint says', async () => {
  await using upstream = new RawUpstream(({ socket }) => {
    socket.end(ok('done', 'Strict-Transport-Security: max-age=1'));
  });
  await using rig = await startRig(appTable(await upstream.listen()), { https });
  const { head, body } = parse(await httpsGet(rig, '/'));
  equal(body, 'done');
  match(upstream.connections[0]?.text() ?? '', /^X-Forwarded-Proto: https\r$/m);
  equal(
    head.match(/^Strict-Transport-Security: .*/gm)?.join('|'),
    'Strict-Transport-Security: max-age=31536000; includeSubDomains',
  );
});

test('HSTS is on our own errors too, and can be turned off', async () => {
  await using on = await startRig(appTable(), { https });
  match(await httpsGet(on, '/'), /^HTTP\/1.1 503[^]*Strict-Transport-Security/);
  await using off = await startRig(appTable(), { https, hsts: '' });
  equal(/strict/i.test(await httpsGet(off, '/')), false);
});

const redirecting = table(
  [
    host('app.test', [
      route('/stay', toPool('app')),
      route('/', toPool('app'), { httpsRedirect: true }),
    ]),
  ],
  [pool('app', [])],
);
const redirects = [
  ['GET', '/a/?b=c', 308],
  ['POST', '/', 308],
  ['GET', '/stay', 503],
  ['GET', '/.well-known/acme-challenge/token', 503],
  ['GET', '/.well-known/acme-challenge-not', 308],
] as const;
for (const [method, path, status] of redirects) {
  test(`plain ${method} ${path} where https is wanted: ${status}`, async () => {
    await using rig = await startRig(redirecting, { https, redirectPort: 443 });
    const request = `${method} ${path} HTTP/1.1\r\nHost: App.test:8080\r\nConnection: close\r\n\r\n`;
    const answer = parse(await exchange(rig.port, request));
    equal(answer.status, status);
    const location = /^Location: (.*)$/m.exec(answer.head)?.[1]?.trim();
    equal(location, status === 308 ? `https://app.test${path}` : undefined);
  });
}

test('without a configured port, redirects name the one listened on', async () => {
  await using rig = await startRig(redirecting, { https });
  const answer = await exchange(rig.port, get('/x', 'Connection: close'));
  match(answer, new RegExp(`^Location: https://app.test:${rig.httpsPort}/x\r$`, 'm'));
});

test('https requests, and those that a trusted peer says were https, are not redirected', async () => {
  await using rig = await startRig(redirecting, { https, trustedProxies: ['127.0.0.1'] });
  equal(parse(await httpsGet(rig, '/')).status, 503);
  const proxied = get('/', 'X-Forwarded-Proto: https', 'Connection: close');
  equal(parse(await exchange(rig.port, proxied)).status, 503);
});

test('an https endpoint is spoken to over TLS', async () => {
  const own = certificate('ns/own', 'backend.test');
  const server = createTlsServer({ cert: own.certificatePem, key: own.privateKeyPem }, (socket) => {
    socket.once('data', () => socket.end(ok('sealed')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  const endpoint = { address: '127.0.0.1', port: address.port, weight: 1 };
  const sealed = pool('app', [endpoint], { protocol: 'https' });
  const first = table([host('app.test', [route('/', toPool('app'))])], [sealed]);
  await using rig = await startRig(first);
  for (const request of [
    get('/', 'Connection: close'),
    `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`,
  ]) {
    equal(parse(await exchange(rig.port, request)).body, 'sealed');
  }
  server.close();
});
