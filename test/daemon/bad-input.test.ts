import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { renameSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { selfSignedCertificate } from '../../ingress/index.ts';
import { get } from './ask.ts';
import { ingressManifest, serviceManifest, startBackends } from './backend.ts';
import { eventually, ManifestFolder, type RunningDaemon, startDaemon } from './harness.ts';

const host = 'shop.localhost';

interface Row {
  readonly reason: string;
  readonly object: string;
  readonly where: string;
}

async function problems(daemon: RunningDaemon): Promise<readonly Row[]> {
  const view = (await daemon.admin('/debug/view/problems')) as {
    columns: { name: string }[];
    rows: string[][];
  };
  const index = (name: string): number => view.columns.findIndex((one) => one.name === name);
  return view.rows.map((row) => ({
    reason: row[index('REASON')] ?? '',
    object: row[index('OBJECT')] ?? '',
    where: row[index('WHERE')] ?? '',
  }));
}

/** A daemon that serves `good` at shop.localhost, beside the manifests to try. */
async function withGoodService(
  context: TestContext,
  manifests: Readonly<Record<string, string>>,
): Promise<{ daemon: RunningDaemon; folder: ManifestFolder; assertGood: () => Promise<void> }> {
  const backends = await startBackends(context, 'good');
  const folder = new ManifestFolder(context);
  folder.write('good.yaml', serviceManifest('good', backends));
  folder.write('ingress.yaml', ingressManifest('good', [[host, '/', 'good']]));
  for (const [name, text] of Object.entries(manifests)) folder.write(name, text);
  const daemon = await startDaemon(context, folder);
  const assertGood = async (): Promise<void> => {
    equal((await get(daemon.port('http'), host)).body, 'good');
  };
  return { daemon, folder, assertGood };
}

function secret(certificatePem: string, privateKeyPem: string): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Secret
metadata:
  name: certificate
type: kubernetes.io/tls
data:
  tls.crt: ${base64(certificatePem)}
  tls.key: ${base64(privateKeyPem)}
`;
}

const strangersKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const certificate = selfSignedCertificate('test', {
  commonName: 'other.localhost',
  dnsNames: ['other.localhost'],
  notBeforeMs: Date.now() - 60_000,
  notAfterMs: Date.now() + 86_400_000,
});

const ingressOf = (name: string, service: string, path = '/', extra = ''): string =>
  ingressManifest(name, [['other.localhost', path, service]], extra).split('---\n')[1] ?? '';

/** What is written; what is said of it: reason, object, and the file it stands in. */
const cases: readonly (readonly [
  why: string,
  manifests: Readonly<Record<string, string>>,
  expected: readonly (readonly [reason: string, object: RegExp, where: RegExp])[],
])[] = [
  [
    'YAML that does not parse',
    { 'bad.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: x\n' },
    [['InvalidYAML', /^<none>$/, /bad\.yaml:\d+:\d+$/]],
  ],
  [
    'an Ingress to a Service that is not there',
    { 'bad.yaml': ingressOf('bad', 'absent') },
    [['NoSuchService', /Ingress default\/bad spec\.rules\[0\]/, /bad\.yaml:\d+:\d+$/]],
  ],
  [
    'a Service whose selector matches nothing',
    {
      'bad.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: lonely}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n',
    },
    [['NoReadyEndpoints', /Service default\/lonely/, /bad\.yaml:\d+:\d+$/]],
  ],
  [
    'two Ingresses that claim one path',
    { 'a.yaml': ingressOf('first', 'good'), 'b.yaml': ingressOf('second', 'good') },
    // Made in the same moment, so that the name decides, as ingress-nginx has it: descending.
    [['PathConflict', /Ingress default\/first/, /a\.yaml:\d+:\d+$/]],
  ],
  [
    'a certificate that does not match its key',
    {
      'bad.yaml': ingressOf(
        'bad',
        'good',
        '/',
        '  tls: [{hosts: [other.localhost], secretName: certificate}]\n',
      ),
      'secret.yaml': secret(certificate.certificatePem, strangersKey),
    },
    [['CertificateKeyMismatch', /Ingress default\/bad spec\.tls\[0\]/, /bad\.yaml:\d+:\d+$/]],
  ],
  [
    'one object in two files',
    {
      'a.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n',
      'b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: twice}\n',
    },
    [['DuplicateObject', /ConfigMap default\/twice/, /b\.yaml:\d+:\d+$/]],
  ],
];

for (const [why, manifests, expected] of cases) {
  test(`${why}: it is said where, and the rest serves`, async (context) => {
    const { daemon, assertGood } = await withGoodService(context, manifests);
    await assertGood();
    const found = (await problems(daemon)).filter(({ where }) => !where.includes('good.yaml'));
    for (const [reason, object, where] of expected) {
      const row = found.find((one) => one.reason === reason);
      ok(row, `${reason} in ${JSON.stringify(found)}`);
      match(row.object, object);
      match(row.where, where);
    }
    const metrics = String(await daemon.admin('/metrics'));
    match(
      metrics,
      new RegExp(`portolan_problems\\{[^}]*reason="${expected[0]?.[0]}"[^}]*\\} [1-9]`),
    );
  });
}

test('a Service address that another process holds: reported, taken when it is free', async (context) => {
  const holder = createServer();
  holder.listen(0, '127.0.0.1');
  await once(holder, 'listening');
  context.after(() => holder.close());
  const { port } = holder.address() as { port: number };
  const [backend] = await startBackends(context, 'held');
  ok(backend);
  const text = serviceManifest('held', [backend], {}, '  externalIPs: [127.0.0.1]\n');
  const manifest = text.replace('port: 80', `port: ${port}`);
  const { daemon, assertGood } = await withGoodService(context, { 'held.yaml': manifest });
  await assertGood();
  ok((await problems(daemon)).some(({ reason }) => reason === 'PortInUse'));
  holder.close();
  await eventually(async () => equal((await get(port, 'x')).body, 'held'));
  await eventually(async () => {
    deepEqual(
      (await problems(daemon)).filter(({ reason }) => reason === 'PortInUse'),
      [],
    );
  });
});

const garbage: readonly (readonly [why: string, answer: (socket: Socket) => void])[] = [
  ['sends garbage', (socket) => void socket.end('EHLO what is this\r\n\r\n')],
  ['closes without a word', (socket) => void socket.once('data', () => socket.end())],
  ['resets', (socket) => void socket.once('data', () => socket.resetAndDestroy())],
];
for (const [why, answer] of garbage) {
  test(`a backend that ${why}: 502 for its own requests alone`, async (context) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      answer(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { daemon, assertGood } = await withGoodService(context, {
      'bad.yaml': serviceManifest('bad', [{ name: 'bad', port }]),
      'bad-ingress.yaml': ingressOf('bad', 'bad'),
    });
    equal((await get(daemon.port('http'), 'other.localhost')).status, 502);
    await assertGood();
  });
}

test('a folder that vanishes leaves everything serving, and is followed when it is back', async (context) => {
  const { daemon, folder, assertGood } = await withGoodService(context, {});
  const elsewhere = `${folder.path}-elsewhere`;
  renameSync(folder.path, elsewhere);
  await eventually(async () => {
    ok((await problems(daemon)).some(({ reason }) => reason === 'ManifestFolderGone'));
  });
  await assertGood();
  renameSync(elsewhere, folder.path);
  await eventually(async () => deepEqual(await problems(daemon), []));
  const [other] = await startBackends(context, 'other');
  ok(other);
  folder.write('good.yaml', serviceManifest('good', [other]));
  await eventually(async () => equal((await get(daemon.port('http'), host)).body, 'other'));
});
