import { equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { createWireEngine, type EngineOptions } from '../../../../ingress/index.ts';
import { proxyHeader } from '../../../../ingress/upstream/proxy-header.ts';
import { appTable, get, ok, RawUpstream, rawClient, rigWith, startRig } from '../compat/rig.ts';
import { host, pool, route, table, toPool } from '../compat/table.ts';

rigWith(createWireEngine);

const from: Partial<EngineOptions> = { proxyProtocol: true, trustedProxies: ['127.0.0.1'] };
const ends = { source: '192.0.2.7', sourcePort: 1, destination: '127.0.0.1', destinationPort: 2 };
const request = get('/', 'Connection: close');

for (const version of ['v1', 'v2'] as const) {
  test(`PROXY ${version}, plain: its source is the client, however it is split`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()), from);
    const bytes = Buffer.concat([proxyHeader(version, ends), Buffer.from(request)]);
    for (const cut of [0, 1, 20, bytes.length - request.length, bytes.length - 3]) {
      const client = rawClient(rig.port);
      client.socket.write(bytes.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      client.socket.write(bytes.subarray(cut));
      await client.closed;
      match(client.text(), /done$/);
      match(upstream.connections.at(-1)?.text() ?? '', /X-Real-IP: 192.0.2.7\r\n/);
    }
  });

  test(`PROXY ${version} before TLS`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()), {
      ...from,
      https: { host: '127.0.0.1', port: 0 },
    });
    const socket = connect({ host: '127.0.0.1', port: rig.httpsPort });
    socket.write(proxyHeader(version, ends));
    const secure = connectTls({ socket, rejectUnauthorized: false });
    secure.end(request);
    secure.resume();
    await once(secure, 'close');
    match(upstream.connections[0]?.text() ?? '', /X-Real-IP: 192.0.2.7\r\n/);
  });
}

const refused: readonly (readonly [string, Partial<EngineOptions>, string])[] = [
  ['no header', from, request],
  ['half a header and FIN', from, 'PROXY TCP4'],
  ['a peer that may not', { proxyProtocol: true }, `PROXY UNKNOWN\r\n${request}`],
  ['too slow', { ...from, timeouts: { proxyHeaderMs: 1 } }, 'PROXY TCP4'],
];
for (const [what, over, bytes] of refused) {
  test(`refused: ${what}`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()), over);
    const client = rawClient(rig.port);
    if (what.includes('FIN')) client.socket.end(bytes);
    else client.socket.write(bytes);
    await client.closed;
    equal(client.text(), '');
    equal(upstream.connections.length, 0);
    equal(rig.meter.values.get('portolan_ingress_proxy_headers_refused_total'), 1);
  });
}

for (const proxyProtocol of ['v1', 'v2'] as const) {
  test(`PROXY ${proxyProtocol} to endpoints: each connection tells one client`, async () => {
    await using upstream = new RawUpstream(({ socket, text }) => {
      if (text().includes('\r\n\r\n', 28)) socket.write(ok('done'));
    });
    const routes = [route('/', toPool('app'), { options: { proxyProtocol } })];
    const endpoint = await upstream.listen();
    await using rig = await startRig(table([host('app.test', routes)], [pool('app', [endpoint])]));
    for (let turn = 0; turn < 2; turn += 1) {
      const client = rawClient(rig.port);
      client.socket.write(request);
      await client.closed;
      match(client.text(), /done$/);
    }
    equal(upstream.connections.length, 2);
    const header = proxyHeader(proxyProtocol, {
      source: '127.0.0.1',
      sourcePort: 0,
      destination: '127.0.0.1',
      destinationPort: endpoint.port,
    }).toString('latin1');
    equal(upstream.connections[1]?.text().startsWith(`${header}GET /`), true);
  });
}
