import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { appTable, exchange, get, ok, parse, RawUpstream, startRig } from './rig.ts';

/** The fields of a head as [name, value], lower-case names. */
function fields(head: string): readonly (readonly [string, string])[] {
  return (
    head
      .split('\r\n\r\n')[0]
      ?.split('\r\n')
      .slice(1)
      .map(
        (line) =>
          [
            line.slice(0, line.indexOf(':')).toLowerCase(),
            line.slice(line.indexOf(':') + 2),
          ] as const,
      ) ?? []
  );
}

function valuesOf(head: string, name: string): readonly string[] {
  return fields(head).flatMap(([field, value]) => (field === name ? [value] : []));
}

const toUpstream = [
  ['Connection and what it names', ['Connection: close, X-Hop', 'X-Hop: 1'], 'x-hop', []],
  ['Keep-Alive', ['Keep-Alive: timeout=5'], 'keep-alive', []],
  ['Proxy-Connection', ['Proxy-Connection: keep-alive'], 'proxy-connection', []],
  ['TE', ['TE: gzip;q=0.5'], 'te', []],
  ['Trailer of a request without any', ['Trailer: X'], 'trailer', []],
  [
    'Upgrade other than WebSocket',
    ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'],
    'upgrade',
    [],
  ],
  ['HTTP2-Settings', ['HTTP2-Settings: AAMAAABk'], 'http2-settings', []],
  ['Proxy (httpoxy)', ['Proxy: evil.test'], 'proxy', []],
  ['Proxy-Authorization', ['Proxy-Authorization: Basic eDp5'], 'proxy-authorization', []],
  ['names with underscores', ['X_Real_IP: 192.0.2.1'], 'x_real_ip', []],
  ['a length that Connection names', ['Connection: content-length, close'], 'host', ['app.test']],
  [
    'Authorization that Connection names',
    ['Authorization: a', 'Connection: authorization, close'],
    'authorization',
    ['a'],
  ],
  ['Authorization', ['Authorization: Bearer x'], 'authorization', ['Bearer x']],
  ['repeated fields, apart and in order', ['X-A: 1', 'x-a: 2'], 'x-a', ['1', '2']],
  ['cookies, joined', ['Cookie: a=1', 'Cookie: b=2'], 'cookie', ['a=1; b=2']],
  ['bytes above 127 in values', ['X-A: caf\xe9'], 'x-a', ['caf\xe9']],
  ['X-Real-IP', ['X-Real-IP: 192.0.2.1'], 'x-real-ip', ['127.0.0.1']],
  ['X-Forwarded-For', ['X-Forwarded-For: 192.0.2.1'], 'x-forwarded-for', ['127.0.0.1']],
  [
    'what X-Forwarded-For said',
    ['X-Forwarded-For: 192.0.2.1'],
    'x-original-forwarded-for',
    ['192.0.2.1'],
  ],
  ['X-Forwarded-Proto', ['X-Forwarded-Proto: https'], 'x-forwarded-proto', ['http']],
  ['X-Forwarded-Scheme', ['X-Forwarded-Scheme: https'], 'x-forwarded-scheme', ['http']],
  ['X-Scheme', [], 'x-scheme', ['http']],
  ['X-Forwarded-Host', ['X-Forwarded-Host: evil.test'], 'x-forwarded-host', ['app.test']],
  ['Forwarded', ['Forwarded: for=192.0.2.1'], 'forwarded', []],
  ['X-Request-ID of the client', ['X-Request-ID: abc-123'], 'x-request-id', ['abc-123']],
  ['Via', ['Via: 1.0 fred'], 'via', ['1.0 fred, 1.1 portolan']],
] as const;
for (const [what, sent, name, expected] of toUpstream) {
  test(`to the endpoint: ${what}`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()));
    const closing = sent.some((line) => /^connection: .*close/i.test(line))
      ? []
      : ['Connection: close'];
    await exchange(rig.port, get('/', ...sent, ...closing));
    deepEqual(valuesOf(upstream.connections[0]?.text() ?? '', name), expected);
  });
}

test('to the endpoint: a new X-Request-ID where the client has none fit to be logged', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
  await using rig = await startRig(appTable(await upstream.listen()));
  await exchange(rig.port, get('/', `X-Request-ID: ${'x'.repeat(200)}`, 'Connection: close'));
  match(valuesOf(upstream.connections[0]?.text() ?? '', 'x-request-id')[0] ?? '', /^[0-9a-f]{32}$/);
});

test('to the endpoint: Host comes first', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
  await using rig = await startRig(appTable(await upstream.listen()));
  await exchange(
    rig.port,
    'GET / HTTP/1.1\r\nX-A: 1\r\nHost: app.test\r\nConnection: close\r\n\r\n',
  );
  match(upstream.connections[0]?.text() ?? '', /^GET \/ HTTP\/1.1\r\nHost: app.test\r\nX-A: 1\r\n/);
});

test('from trusted peers: their word is taken, and extended', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
  await using rig = await startRig(appTable(await upstream.listen()), {
    trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'],
  });
  const sent = [
    'X-Forwarded-For: 192.0.2.66, 192.0.2.1, 10.0.0.7',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: front.test',
    'X-Forwarded-Port: 443',
  ];
  await exchange(rig.port, get('/', ...sent, 'Connection: close'));
  const text = upstream.connections[0]?.text() ?? '';
  deepEqual(valuesOf(text, 'x-forwarded-for'), ['192.0.2.66, 192.0.2.1, 10.0.0.7, 127.0.0.1']);
  deepEqual(valuesOf(text, 'x-real-ip'), ['192.0.2.1']);
  deepEqual(valuesOf(text, 'x-forwarded-proto'), ['https']);
  deepEqual(valuesOf(text, 'x-forwarded-host'), ['front.test']);
  deepEqual(valuesOf(text, 'x-forwarded-port'), ['443']);
});

const toClient = [
  ['Connection and what it names', ['Connection: X-Hop', 'X-Hop: 1'], 'x-hop', []],
  ['Keep-Alive of the endpoint', ['Keep-Alive: timeout=1'], 'keep-alive', []],
  ['Upgrade', ['Upgrade: h2c'], 'upgrade', []],
  ['Server', ['Server: secret/1.0'], 'server', []],
  ['Proxy-Authenticate', ['Proxy-Authenticate: Basic'], 'proxy-authenticate', []],
  [
    'Set-Cookie, each for itself',
    ['Set-Cookie: a=1', 'Set-Cookie: b=2'],
    'set-cookie',
    ['a=1', 'b=2'],
  ],
  [
    'Date of the endpoint, once',
    ['Date: Thu, 01 Jan 1970 00:00:00 GMT'],
    'date',
    ['Thu, 01 Jan 1970 00:00:00 GMT'],
  ],
  ['WWW-Authenticate', ['WWW-Authenticate: Basic'], 'www-authenticate', ['Basic']],
  [
    'Strict-Transport-Security on plain HTTP, as the endpoint has it',
    ['Strict-Transport-Security: max-age=1'],
    'strict-transport-security',
    ['max-age=1'],
  ],
] as const;
for (const [what, sent, name, expected] of toClient) {
  test(`to the client: ${what}`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done', ...sent)));
    await using rig = await startRig(appTable(await upstream.listen()));
    const answer = parse(await exchange(rig.port, get('/', 'Connection: close')));
    equal(answer.body, 'done');
    deepEqual(valuesOf(answer.head, name), expected);
  });
}

test('to the client: Date is added, Via is not', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
  await using rig = await startRig(appTable(await upstream.listen()));
  const { head } = parse(await exchange(rig.port, get('/', 'Connection: close')));
  equal(valuesOf(head, 'date').length, 1);
  equal(valuesOf(head, 'via').length, 0);
});

test('close from the endpoint does not close the client connection', async () => {
  await using upstream = new RawUpstream(({ socket }) =>
    socket.end(ok('done', 'Connection: close')),
  );
  await using rig = await startRig(appTable(await upstream.listen()));
  const text = await exchange(rig.port, get('/') + get('/', 'Connection: close'));
  equal(text.split('HTTP/1.1 200').length - 1, 2);
  equal(text.match(/^connection: close\r$/gim)?.length, 1);
});
