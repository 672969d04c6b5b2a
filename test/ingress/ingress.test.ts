import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { test } from 'node:test';
import type { ServiceBundle } from '../../controller/objects/index.ts';
import {
  app,
  ingress,
  keyPair,
  path,
  rule,
  slice,
  startCompiler,
  tlsSecret,
  upserted,
} from './compile/objects.ts';
import { exchange, get, ok, parse, RawUpstream, type Rig, startRig } from './engines/compat/rig.ts';

/** A Service whose only endpoint is a server of the test. */
async function serviceOf(name: string, upstream: RawUpstream): Promise<ServiceBundle> {
  const { address, port } = await upstream.listen();
  return { ...app(name), slices: [slice(name, [address], [{ name: '', port }])] };
}

const answering = (text: string): RawUpstream =>
  new RawUpstream(({ socket }) => socket.end(ok(text)));

async function overTls(
  rig: Rig,
  servername: string,
  request: string,
): Promise<{ text: string; name: unknown }> {
  const socket = connect({
    host: '127.0.0.1',
    port: rig.httpsPort,
    servername,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subjectaltname;
  socket.write(request);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return { text, name };
}

test('from objects to answers: http and https, and endpoints that move', async () => {
  await using shop = answering('shop');
  await using api = answering('api');
  await using moved = answering('moved');
  const { update } = startCompiler();
  const tls = [{ hosts: ['app.test'], secretName: 'cert' }];
  const annotations = { 'portolan.dev/ssl-redirect': 'false' };
  const first = update({
    bundles: upserted(await serviceOf('shop', shop), await serviceOf('api', api)),
    secrets: upserted(tlsSecret('cert', keyPair('app.test'))),
    ingresses: upserted(
      ingress(
        'web',
        { ...rule('app.test', path('/', 'shop'), path('/api', 'api')), tls },
        { annotations },
      ),
    ),
  });
  deepEqual(first.problems, []);
  await using rig = await startRig(first.table, { https: { host: '127.0.0.1', port: 0 } });
  const body = async (at: string): Promise<string> =>
    parse(await exchange(rig.port, get(at, 'Connection: close'))).body;
  equal(await body('/'), 'shop');
  equal(await body('/api/v1'), 'api');
  equal(await body('/apis'), 'shop');
  const secure = await overTls(rig, 'app.test', get('/api', 'Connection: close'));
  equal(parse(secure.text).body, 'api');
  equal(secure.name, 'DNS:app.test');

  const next = update({ bundles: upserted(await serviceOf('api', moved)) });
  await rig.engine.apply(next.table, next.diff);
  equal(await body('/api'), 'moved');

  const redirecting = update({
    ingresses: upserted(ingress('web', { ...rule('app.test', path('/', 'shop')), tls })),
  });
  await rig.engine.apply(redirecting.table, redirecting.diff);
  match(await exchange(rig.port, get('/', 'Connection: close')), /^HTTP\/1.1 308 /);
  equal(
    parse((await overTls(rig, 'app.test', get('/api', 'Connection: close'))).text).body,
    'shop',
  );
});
