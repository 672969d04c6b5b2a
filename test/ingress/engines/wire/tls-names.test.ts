import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { connect, type ConnectionOptions, createServer, type TLSSocket } from 'node:tls';
import {
  createWireEngine,
  type EngineOptions,
  type HostRoutes,
  selfSignedCertificate,
} from '../../../../ingress/index.ts';
import { get, ok, RawUpstream, type Rig, rigWith, startRig } from '../compat/rig.ts';
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
const client = certificateFor('client.test');
const stranger = certificateFor('stranger.test');
const https = { https: { host: '127.0.0.1', port: 0 }, http: undefined };

async function rigFor(
  hosts: readonly HostRoutes[],
  endpoint: Awaited<ReturnType<RawUpstream['listen']>>,
  over: Partial<EngineOptions> = {},
): Promise<Rig> {
  return await startRig(table(hosts, [pool('app', [endpoint])]), { ...https, ...over });
}

/** One request over TLS, and everything that comes back. `before`: sent in clear. */
async function ask(
  port: number,
  options: ConnectionOptions,
  request: string = get('/', 'Connection: close'),
): Promise<{ readonly text: string; readonly socket: TLSSocket }> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', (error: Error & { code?: string }) => {
    text += error.code ?? 'error';
  });
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return { text, socket };
}

suite('client certificates', () => {
  const guard = { kind: 'client-certificate', mode: 'required', passes: true } as const;
  const guarded = (mode: 'required' | 'optional' | 'unverified' = 'required'): HostRoutes =>
    host('app.test', [route('/', toPool('app'), { filters: [{ ...guard, mode }] })], {
      clientAuthority: { caPem: client.certificatePem },
    });
  const open = host('open.test', [route('/', toPool('app'))]);
  const shown = { cert: client.certificatePem, key: client.privateKeyPem };
  const strange = { cert: stranger.certificatePem, key: stranger.privateKeyPem };

  const cases = [
    ['one of the CA', 'required', shown, 200, 'SUCCESS'],
    ['none', 'required', {}, 400, undefined],
    ['one of somebody else', 'required', strange, 400, undefined],
    ['none where it is optional', 'optional', {}, 200, 'NONE'],
    ['one of somebody else where it is optional', 'optional', strange, 400, undefined],
    [
      'one of somebody else where endpoints decide',
      'unverified',
      strange,
      200,
      'FAILED:DEPTH_ZERO_SELF_SIGNED_CERT',
    ],
  ] as const;
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [what, mode, given, status, verify] of cases) {
      test(`${maxVersion}, ${what}: ${status}`, async () => {
        await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
        await using rig = await rigFor([guarded(mode), open], await upstream.listen());
        const request = get('/', 'ssl-client-verify: SUCCESS', 'Connection: close');
        const { text } = await ask(
          rig.httpsPort,
          { servername: 'app.test', maxVersion, ...given },
          request,
        );
        match(text, new RegExp(`^HTTP/1.1 ${status} `));
        const sent = upstream.connections[0]?.text() ?? '';
        equal(/^ssl-client-verify: (.*)\r$/m.exec(sent)?.[1], verify);
        if (verify === 'SUCCESS') {
          match(sent, /^ssl-client-subject-dn: CN=client.test\r$/m);
          match(sent, /^ssl-client-cert: -----BEGIN%20CERTIFICATE/m);
        }
      });
    }
  }

  test('a name that asks for none does not open one that does', async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await rigFor([guarded(), open], await upstream.listen());
    for (const servername of ['open.test', '']) {
      const { text } = await ask(rig.httpsPort, { servername, ...shown });
      match(text, /^HTTP\/1.1 421 /);
    }
    equal(upstream.connections.length, 0);
  });

  test('nor does a session of it', async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await rigFor([guarded(), open], await upstream.listen());
    const options = { servername: 'open.test', maxVersion: 'TLSv1.3' } as const;
    const first = connect({
      host: '127.0.0.1',
      port: rig.httpsPort,
      rejectUnauthorized: false,
      ...options,
    });
    first.resume();
    const [session] = await once(first, 'session');
    first.destroy();
    const { text } = await ask(rig.httpsPort, { servername: 'app.test', session });
    match(text, /^HTTP\/1.1 400 /);
    equal(upstream.connections.length, 0);
  });
});

suite('passthrough', () => {
  test('the endpoint ends TLS, and others are not concerned', async () => {
    const own = certificateFor('own.test');
    const backend = createServer({ key: own.privateKeyPem, cert: own.certificatePem }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(ok('x'.repeat(200_000))));
    });
    backend.listen(0, '127.0.0.1');
    await once(backend, 'listening');
    const address = backend.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await using plain = new RawUpstream(({ socket }) => socket.end(ok('plain')));
    await using rig = await startRig(
      table(
        [
          host('own.test', [], { passthrough: 'default/tls:80' }),
          host('app.test', [route('/', toPool('app'))]),
        ],
        [
          pool('tls', [
            { address: '127.0.0.1', port: 1, weight: 1 },
            { address: '127.0.0.1', port, weight: 1 },
          ]),
          pool('app', [await plain.listen()]),
        ],
      ),
      https,
    );
    const passed = await ask(rig.httpsPort, {
      servername: 'own.test',
      ca: own.certificatePem,
      rejectUnauthorized: true,
    });
    equal(passed.text.length, ok('x'.repeat(200_000)).length);
    match((await ask(rig.httpsPort, { servername: 'app.test' })).text, /plain$/);
    backend.close();
  });
});

suite('sessions', () => {
  test('a session of one worker is resumed by another', async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    const endpoint = await upstream.listen();
    const tls = { ticketKeys: Buffer.alloc(48, 7) };
    const hosts = [host('app.test', [route('/', toPool('app'))])];
    for (const over of [{ tls }, {}]) {
      await using one = await rigFor(hosts, endpoint, over);
      await using other = await rigFor(hosts, endpoint, over);
      const first = connect({ host: '127.0.0.1', port: one.httpsPort, rejectUnauthorized: false });
      first.resume();
      const [session] = await once(first, 'session');
      first.destroy();
      const second = connect({
        host: '127.0.0.1',
        port: other.httpsPort,
        rejectUnauthorized: false,
        session,
      });
      await once(second, 'secureConnect');
      equal(second.isSessionReused(), over.tls !== undefined);
      second.destroy();
    }
  });

  test('versions below the least are refused', async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    const hosts = [host('app.test', [route('/', toPool('app'))])];
    await using rig = await rigFor(hosts, await upstream.listen(), {
      tls: { minVersion: 'TLSv1.3' },
    });
    match((await ask(rig.httpsPort, { maxVersion: 'TLSv1.2' })).text, /^E/);
    match((await ask(rig.httpsPort, {})).text, /done$/);
  });
});
