import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import {
  createWireEngine,
  selfSignedCertificate,
  type UpstreamTls,
} from '../../../../ingress/index.ts';
import { exchange, get, ok, parse, rigWith, startRig } from '../compat/rig.ts';
import { host, pool, route, table, toPool } from '../compat/table.ts';

rigWith(createWireEngine);

const dayMs = 86_400_000;
const certificateFor = (name: string): ReturnType<typeof selfSignedCertificate> =>
  selfSignedCertificate(name, {
    commonName: name,
    dnsNames: [name],
    notBeforeMs: Date.now() - dayMs,
    notAfterMs: Date.now() + dayMs,
  });
const server = certificateFor('backend.test');
const client = certificateFor('proxy.test');

const cases: readonly (readonly [string, UpstreamTls | undefined, number])[] = [
  ['nobody verifies', undefined, 200],
  ['nobody verifies, though somebody is named', { verify: false, serverName: 'x.test' }, 200],
  [
    'verified by a CA, for the right name',
    { verify: true, caPem: server.certificatePem, serverName: 'backend.test' },
    200,
  ],
  ['the wrong name', { verify: true, caPem: server.certificatePem, serverName: 'other.test' }, 502],
  ['no name at all', { verify: true, caPem: server.certificatePem }, 502],
  ['an unknown CA', { verify: true, serverName: 'backend.test' }, 502],
  ['another CA', { verify: true, caPem: client.certificatePem, serverName: 'backend.test' }, 502],
  [
    'with a certificate of our own',
    {
      verify: true,
      caPem: server.certificatePem,
      serverName: 'backend.test',
      certificatePem: client.certificatePem,
      privateKeyPem: client.privateKeyPem,
    },
    200,
  ],
];
for (const [what, tls, status] of cases) {
  test(`TLS to endpoints: ${what}`, async () => {
    const seen: { name: string | false | null; client: string | undefined }[] = [];
    const backend = createServer(
      {
        key: server.privateKeyPem,
        cert: server.certificatePem,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket: TLSSocket) => {
        socket.on('error', () => {});
        const subject = socket.getPeerCertificate().subject;
        const { servername = null } = socket as { servername?: string | false };
        seen.push({
          name: servername,
          client: typeof subject?.CN === 'string' ? subject.CN : undefined,
        });
        socket.once('data', () => socket.end(ok('done')));
      },
    );
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const address = backend.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const options = { protocol: 'https', ...(tls && { tls }) } as const;
    const routes = [route('/', toPool('app'), { options })];
    const endpoint = { address: '127.0.0.1', port, weight: 1 };
    await using rig = await startRig(table([host('app.test', routes)], [pool('app', [endpoint])]));
    const answer = parse(await exchange(rig.port, get('/', 'Connection: close')));
    equal(answer.status, status);
    if (status === 200) {
      equal(seen[0]?.name, tls?.serverName ?? false);
      equal(seen[0]?.client, tls?.certificatePem === undefined ? undefined : 'proxy.test');
    }
    match(answer.body, status === 200 ? /done/ : /502/);
    backend.close();
  });
}
