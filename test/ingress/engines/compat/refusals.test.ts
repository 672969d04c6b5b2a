import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { appTable, exchange, get, ok, parse, RawUpstream, rawClient, startRig } from './rig.ts';
import { host, pool, route, table, toPool } from './table.ts';

const h = 'Host: app.test\r\n';
/** Bytes as a client sends them, the status they deserve, and whether an endpoint may see them. */
const cases = [
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${h}${h}\r\n`, 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n', 400],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: app.test/x\r\n\r\n', 400],
  ['a Host list', 'GET / HTTP/1.1\r\nHost: app.test, b.test\r\n\r\n', 400],
  ['a Host with user', 'GET / HTTP/1.1\r\nHost: a@app.test\r\n\r\n', 400],
  ['a port beyond 65535', 'GET / HTTP/1.1\r\nHost: app.test:65536\r\n\r\n', 400],
  ['two colons', 'GET / HTTP/1.1\r\nHost: app.test:80:80\r\n\r\n', 400],
  ['HTTP/1.0 without Host', 'GET / HTTP/1.0\r\n\r\n', 400],
  ['a Host other than the target', `GET http://b.test/ HTTP/1.1\r\n${h}\r\n`, 400],
  ['a target with user', `GET http://a@app.test/ HTTP/1.1\r\n${h}\r\n`, 400],
  ['CONNECT', 'CONNECT app.test:80 HTTP/1.1\r\nHost: app.test:80\r\n\r\n', 405],
  ['TRACE', `TRACE / HTTP/1.1\r\n${h}\r\n`, 405],
  ['an asterisk for GET', `GET * HTTP/1.1\r\n${h}\r\n`, 400],
  ['a path above the root', `GET /../etc HTTP/1.1\r\n${h}\r\n`, 400],
  ['an encoded path above the root', `GET /a/%2e%2e/%2E./etc HTTP/1.1\r\n${h}\r\n`, 400],
  ['a broken escape', `GET /a%zz HTTP/1.1\r\n${h}\r\n`, 400],
  ['a fragment', `GET /a#b HTTP/1.1\r\n${h}\r\n`, 400],
  ['a byte above 127 in the target', `GET /\xe9 HTTP/1.1\r\n${h}\r\n`, 400],
  [
    'both framings',
    `POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'differing lengths',
    `POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    400,
  ],
  ['a length with a sign', `POST / HTTP/1.1\r\n${h}Content-Length: +1\r\n\r\na`, 400],
  ['a length list', `POST / HTTP/1.1\r\n${h}Content-Length: 1, 1\r\n\r\na`, 400],
  ['a huge length', `POST / HTTP/1.1\r\n${h}Content-Length: 99999999999999999999\r\n\r\na`, 400],
  [
    'chunked twice',
    `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'chunked on two lines',
    `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'chunked not last',
    `POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'another coding',
    `POST / HTTP/1.1\r\n${h}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    501,
  ],
  ['xchunked', `POST / HTTP/1.1\r\n${h}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501],
  [
    'chunked in HTTP/1.0',
    `POST / HTTP/1.0\r\n${h}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a space before the colon', `GET / HTTP/1.1\r\n${h}X : y\r\n\r\n`, 400],
  ['a folded line', `GET / HTTP/1.1\r\n${h}X: a\r\n b\r\n\r\n`, 400],
  ['NUL in a value', `GET / HTTP/1.1\r\n${h}X: a\0b\r\n\r\n`, 400],
  ['a bare CR', `GET / HTTP/1.1\r\n${h}X: a\rb\r\n\r\n`, 400],
  ['a bare LF', `GET / HTTP/1.1\n${h}\r\n`, 400],
  ['HTTP/2.1', `GET / HTTP/2.1\r\n${h}\r\n`, 505],
  ['an unknown expectation', `GET / HTTP/1.1\r\n${h}Expect: tea\r\nConnection: close\r\n\r\n`, 417],
  ['too many fields', `GET / HTTP/1.1\r\n${h}${'X: y\r\n'.repeat(200)}\r\n`, 431],
  ['too large a head', `GET / HTTP/1.1\r\n${h}X: ${'y'.repeat(70_000)}\r\n\r\n`, 431],
  ['too long a target', `GET /${'a'.repeat(17_000)} HTTP/1.1\r\n${h}\r\n`, 414],
  ['an unknown host', 'GET / HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n', 404],
] as const;
for (const [what, bytes, status] of cases) {
  test(`${what}: ${status}`, async () => {
    await using upstream = new RawUpstream();
    await using rig = await startRig(appTable(await upstream.listen()));
    equal(parse(await exchange(rig.port, bytes)).status, status);
    equal(upstream.connections.length, 0);
  });
}

const served = [
  [
    'a target in absolute-form',
    `GET http://APP.test:80/p?q HTTP/1.1\r\n${h}Connection: close\r\n\r\n`,
    'GET /p?q ',
  ],
  [
    'an absolute target without path',
    `GET http://app.test?q HTTP/1.1\r\n${h}Connection: close\r\n\r\n`,
    'GET /?q ',
  ],
  [
    'a Host with port and dot',
    'GET /p HTTP/1.1\r\nHost: App.Test.:8080\r\nConnection: close\r\n\r\n',
    'GET /p ',
  ],
  ['HTTP/1.0 with a Host', `GET /p HTTP/1.0\r\n${h}\r\n`, 'GET /p HTTP/1.1'],
  ['a method that nobody knows', `QUERY /p HTTP/1.1\r\n${h}Connection: close\r\n\r\n`, 'QUERY /p '],
] as const;
for (const [what, bytes, start] of served) {
  test(`${what} is served`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.write(ok('done')));
    await using rig = await startRig(appTable(await upstream.listen()));
    equal(parse(await exchange(rig.port, bytes)).body, 'done');
    equal(upstream.connections[0]?.text().startsWith(start), true, upstream.connections[0]?.text());
  });
}

test('OPTIONS * is answered here', async () => {
  await using rig = await startRig(appTable());
  const request = `OPTIONS * HTTP/1.1\r\n${h}Connection: close\r\n\r\n`;
  equal(parse(await exchange(rig.port, request)).status, 204);
});

test('no endpoint: 503; a Service that is missing: what the table says', async () => {
  const gone = route('/gone', { kind: 'unavailable', status: 503, reason: 'NoSuchService' });
  const routes = [gone, route('/', toPool('app'))];
  await using rig = await startRig(table([host('app.test', routes)], [pool('app', [])]));
  equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).status, 503);
  equal(parse(await exchange(rig.port, get('/gone', 'Connection: close'))).status, 503);
});

test('a host that matched decides alone: its missing path is 404', async () => {
  const hosts = [
    host('app.test', [route('/only', toPool('app'))]),
    host('', [route('/', toPool('app'))]),
  ];
  await using rig = await startRig(table(hosts, [pool('app', [])]));
  equal(parse(await exchange(rig.port, get('/other', 'Connection: close'))).status, 404);
});

test('the default backend of the table takes what no host took', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.write(ok('default')));
  const first = table([], [pool('app', [await upstream.listen()])], {
    defaultBackend: toPool('app'),
  });
  await using rig = await startRig(first);
  equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).body, 'default');
});

test('an endpoint gets the normalised path when the raw one is for another route', async () => {
  await using admin = new RawUpstream(({ socket }) => socket.write(ok('admin')));
  await using open = new RawUpstream(({ socket }) => socket.write(ok('open')));
  const routes = [route('/admin', toPool('admin')), route('/', toPool('open'))];
  const pools = [pool('admin', [await admin.listen()]), pool('open', [await open.listen()])];
  await using rig = await startRig(table([host('app.test', routes)], pools));
  const answer = await exchange(rig.port, get('/x/../admin?q=/../', 'Connection: close'));
  equal(parse(answer).body, 'admin');
  equal(admin.connections[0]?.text().split('\r\n')[0], 'GET /admin?q=/../ HTTP/1.1');
});

test('a request that passed here ten times goes in circles: 508', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const via = `Via: ${Array.from({ length: 10 }, () => '1.1 portolan').join(', ')}`;
  equal(parse(await exchange(rig.port, get('/', via, 'Connection: close'))).status, 508);
});

test('a head that drips in is cut off with 408', async () => {
  await using rig = await startRig(appTable(), { timeouts: { headMs: 100 } });
  equal(parse(await exchange(rig.port, 'GET / HTTP/1.1\r\nHost: app')).status, 408);
});

test('pipelined requests are answered in order, and then the parse error closes', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    const paths = [...text().matchAll(/GET \/(\w+) /g)];
    socket.write(ok(paths.at(-1)?.[1] ?? ''));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const text = await exchange(rig.port, get('/one') + get('/two', 'Connection: close'));
  match(text, /one[^]*two$/);
});

test('connections above the limit are closed at once', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()), {
    limits: { connections: 1 },
  });
  const first = rawClient(rig.port);
  first.socket.write(get('/'));
  await (await upstream.connection(0)).has('GET');
  equal(await exchange(rig.port, ''), '');
  first.socket.destroy();
});
