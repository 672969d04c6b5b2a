import { deepEqual, doesNotMatch, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { createWireEngine } from '../../../ingress/index.ts';
import { appTable, ok, RawUpstream, rigWith, startRig } from '../engines/compat/rig.ts';
import { RawHttp2Client } from './raw-client.ts';
import { block, data, type Fields, frame, headers, opening, request, rst } from './wire-frames.ts';

rigWith(createWireEngine);
const protocolError = 1;

/** Answers each request as soon as its head is there. */
function answering(text: string): RawUpstream {
  return new RawUpstream(({ socket, text: received }) => {
    if (received().endsWith('\r\n\r\n') || received().includes('\r\n\r\n')) socket.write(text);
  });
}

/** Answers a body that is complete. */
function answeringAfter(end: string, text: string): RawUpstream {
  return new RawUpstream(({ socket, text: received }) => {
    if (received().endsWith(end)) socket.write(text);
  });
}

const malformed: readonly (readonly [why: string, fields: Fields])[] = [
  ['no method', request({ ':method': undefined })],
  ['no scheme', request({ ':scheme': undefined })],
  ['no path', request({ ':path': undefined })],
  ['an empty path', request({ ':path': '' })],
  ['a path that is none', request({ ':path': 'x' })],
  ['an asterisk for GET', request({ ':path': '*' })],
  ['a space in the path', request({ ':path': '/a HTTP/1.1' })],
  ['a space in the authority', request({ ':authority': 'a b' })],
  ['a space in the method', request({ ':method': 'GET /b' })],
  ['a line break in the path', request({ ':path': '/\r\nX: y' })],
  ['a line break in a value', request({}, [['x-a', 'b\r\nhost: evil']])],
  ['LF in a value', request({}, [['x-a', 'b\nc']])],
  ['NUL in a value', request({}, [['x-a', 'b\0c']])],
  ['a space before a value', request({}, [['x-a', ' b']])],
  ['a tab behind a value', request({}, [['x-a', 'b\t']])],
  ['upper case in a name', request({}, [['X-A', 'b']])],
  ['a colon in a name', request({}, [['x-a:', 'b']])],
  ['a space in a name', request({}, [['x a', 'b']])],
  ['a line break in a name', request({}, [['x-a\r\nx', 'b']])],
  ['an empty name', request({}, [['', 'b']])],
  ['a pseudo-field twice', request({}, [[':path', '/b']])],
  [
    'a pseudo-field behind others',
    [...request({ ':path': undefined }, [['x-a', 'b']]), [':path', '/']],
  ],
  ['a pseudo-field that there is not', request({}, [[':foo', 'b']])],
  ['a pseudo-field of responses', request({ ':status': '200' })],
  ['connection', request({}, [['connection', 'close']])],
  ['proxy-connection', request({}, [['proxy-connection', 'x']])],
  ['keep-alive', request({}, [['keep-alive', '5']])],
  ['transfer-encoding (H2.TE)', request({}, [['transfer-encoding', 'chunked']])],
  ['upgrade', request({}, [['upgrade', 'h2c']])],
  ['te that is not trailers', request({}, [['te', 'gzip']])],
  ['Host that is not the authority', request({}, [['host', 'other.test']])],
  [
    'Host twice',
    request({ ':authority': undefined }, [
      ['host', 'app.test'],
      ['host', 'app.test'],
    ]),
  ],
  ['CONNECT with a path', request({ ':method': 'CONNECT' })],
  ['a protocol without CONNECT', request({ ':protocol': 'websocket' })],
  [
    'a Content-Length without a body (H2.CL)',
    request({ ':method': 'POST' }, [['content-length', '5']]),
  ],
];

for (const [why, fields] of malformed) {
  test(`malformed, and reset before anybody sees it: ${why}`, async () => {
    await using upstream = new RawUpstream();
    await using rig = await startRig(appTable(await upstream.listen()));
    using client = new RawHttp2Client(rig.port);
    client.send(
      opening,
      headers(1, fields, true),
      headers(3, request({ ':path': '/sound' }), true),
    );
    equal((await client.response(1)).reset, protocolError);
    // The connection is good for others, and the endpoint saw the sound one alone.
    const { text, has } = await upstream.connection(0);
    await has('\r\n\r\n');
    match(text(), /^GET \/sound /);
    equal(upstream.connections.length, 1);
  });
}

const bodies: readonly (readonly [
  why: string,
  length: string | undefined,
  frames: readonly Buffer[],
])[] = [
  ['more than its Content-Length', '3', [data(1, 'abcd', true)]],
  ['less, ended by DATA', '5', [data(1, 'abcd', true)]],
  ['less, ended by trailers', '5', [data(1, 'abcd', false), headers(1, [['x-t', 'v']], true)]],
  [
    'trailers that do not end it',
    undefined,
    [data(1, 'a', false), headers(1, [['x-t', 'v']], false)],
  ],
  [
    'a pseudo-field in trailers',
    undefined,
    [data(1, 'a', false), headers(1, [[':path', '/b']], true)],
  ],
  [
    'connection in trailers',
    undefined,
    [data(1, 'a', false), headers(1, [['connection', 'close']], true)],
  ],
];
for (const [why, length, frames] of bodies) {
  test(`a body that nobody may take for whole: ${why}`, async () => {
    await using upstream = new RawUpstream();
    await using rig = await startRig(appTable(await upstream.listen()));
    using client = new RawHttp2Client(rig.port);
    const more: Fields = length === undefined ? [] : [['content-length', length]];
    client.send(opening, headers(1, request({ ':method': 'POST' }, more), false), ...frames);
    equal((await client.response(1)).reset, protocolError);
    for (const one of upstream.connections) {
      await one.closed;
      doesNotMatch(one.text(), /\r\n0\r\n/);
    }
  });
}

const refused: readonly (readonly [why: string, fields: Fields, status: string])[] = [
  ['no authority', request({ ':authority': undefined }), '400'],
  ['user information', request({ ':authority': 'user@app.test' }), '400'],
  ['a path above the root', request({ ':path': '/../x' }), '400'],
  ['bytes that no target has', request({ ':path': '/\u00e9' }), '400'],
  ['a target that is too long', request({ ':path': `/${'a'.repeat(17_000)}` }), '414'],
  [
    'too many fields',
    request(
      {},
      Array.from({ length: 300 }, (_, at) => [`x-${at}`, 'v'] as const),
    ),
    '431',
  ],
  ['an expectation that is not known', request({}, [['expect', 'more']]), '417'],
  [
    'CONNECT',
    request({
      ':method': 'CONNECT',
      ':path': undefined,
      ':scheme': undefined,
      ':authority': 'app.test:443',
    }),
    '405',
  ],
  ['TRACE', request({ ':method': 'TRACE' }), '405'],
  ['no such host', request({ ':authority': 'other.test' }), '404'],
];
for (const [why, fields, status] of refused) {
  test(`answered without an endpoint: ${why}`, async () => {
    await using rig = await startRig(appTable());
    using client = new RawHttp2Client(rig.port);
    client.send(opening, headers(1, fields, true), headers(3, request(), true));
    const answer = await client.response(1);
    equal(answer.fields[':status'], status);
    equal((await client.response(3)).fields[':status'], '503');
  });
}

test('a protocol that is not ours over CONNECT', async () => {
  await using rig = await startRig(appTable());
  using client = new RawHttp2Client(rig.port);
  client.send(
    opening,
    headers(1, request({ ':method': 'CONNECT', ':protocol': 'connect-udp' }), false),
  );
  equal((await client.response(1)).fields[':status'], '501');
});

test('what an endpoint of HTTP/1.1 gets: fields, cookies in one line, no framing but ours', async () => {
  await using upstream = answeringAfter('0\r\n\r\n', ok('done'));
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  const fields = request({ ':method': 'POST', ':path': '/p?q=1' }, [
    ['host', 'app.test'],
    ['cookie', 'a=1'],
    ['x-tail', 'yes'],
    ['cookie', 'b=2'],
    ['te', 'trailers'],
    ['x_alias', 'dropped'],
  ]);
  client.send(opening, headers(1, fields, false), data(1, 'abc', false), data(1, '', true));
  equal((await client.response(1)).body, 'done');
  const { text } = await upstream.connection(0);
  match(text(), /^POST \/p\?q=1 HTTP\/1\.1\r\nHost: app\.test\r\n/);
  match(text(), /\r\nx-tail: yes\r\n/i);
  match(text(), /\r\nCookie: a=1; b=2\r\n/);
  match(text(), /\r\nVia: 2\.0 portolan\r\n/);
  match(text(), /\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n$/);
  doesNotMatch(text(), /x_alias|\r\nte:|:authority|\r\nhost:[^]*\r\nhost:/i);
});

test('trailers pass both ways, but for those that would mislead', async () => {
  const answer =
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\n\r\n';
  await using upstream = answeringAfter('x-end: yes\r\n\r\n', answer);
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(
    opening,
    headers(1, request({ ':method': 'POST' }), false),
    data(1, 'abc', false),
    headers(
      1,
      [
        ['x-forwarded-for', '1.2.3.4'],
        ['x-end', 'yes'],
      ],
      true,
    ),
  );
  const { body, trailers } = await client.response(1);
  deepEqual([body, trailers], ['abc', { 'x-sum': '1' }]);
  const { text } = await upstream.connection(0);
  match(text(), /\r\n0\r\nx-end: yes\r\n\r\n$/);
});

const responses: readonly (readonly [
  why: string,
  text: string,
  method: string,
  wanted: {
    readonly status: string;
    readonly body?: string;
    readonly length?: string;
    readonly reset?: number;
  },
])[] = [
  ['with a length', ok('body'), 'GET', { status: '200', body: 'body', length: '4' }],
  [
    'in chunks',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    'GET',
    { status: '200', body: 'abc' },
  ],
  ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', 'GET', { status: '204' }],
  [
    'to HEAD',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n',
    'HEAD',
    { status: '200', length: '9' },
  ],
  [
    '304 with a length',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n',
    'GET',
    { status: '304', length: '9' },
  ],
  [
    'with fields of the connection',
    'HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 0\r\n\r\n',
    'GET',
    { status: '200', length: '0' },
  ],
  [
    'behind 103',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('x')}`,
    'GET',
    { status: '103', body: 'x' },
  ],
  [
    'that is none',
    'garbage\r\n\r\n',
    'POST',
    { status: '502', body: '502 Bad Gateway\n', length: '16' },
  ],
];
for (const [why, text, method, wanted] of responses) {
  test(`a response ${why}`, async () => {
    await using upstream = answering(text);
    await using rig = await startRig(appTable(await upstream.listen()));
    using client = new RawHttp2Client(rig.port);
    client.send(opening, headers(1, request({ ':method': method }), true));
    const { fields, body, reset } = await client.response(1);
    equal(fields[':status'], wanted.status);
    equal(body, wanted.body ?? '');
    equal(fields['content-length'], wanted.length);
    equal(reset, undefined);
    for (const name of ['connection', 'keep-alive', 'transfer-encoding', 'x-hop', 'server']) {
      equal(fields[name], undefined);
    }
  });
}

test('a response that is cut is reset, so that it is not taken for whole', async () => {
  await using upstream = new RawUpstream(({ socket }) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'),
  );
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request(), true));
  const { body, reset } = await client.response(1);
  deepEqual([body, reset], ['abc', 2]);
});

test('an early answer calls the rest of the body off', async () => {
  await using upstream = answering(ok('no'));
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request({ ':method': 'POST' }), false), data(1, 'abc', false));
  equal((await client.response(1)).body, 'no');
  const { code } = await client.frame((one) => one.type === 'RST_STREAM');
  equal(code, 0);
  client.send(data(1, 'late', true), headers(3, request(), true));
  equal((await client.response(3)).body, 'no');
});

test('Expect is answered once an endpoint is there, and only for those who asked', async () => {
  await using upstream = answeringAfter('abc', ok('done'));
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  const post = request({ ':method': 'POST' }, [
    ['content-length', '3'],
    ['expect', '100-continue'],
  ]);
  client.send(opening, headers(1, post, false));
  await client.frame((one) => one.fields[':status'] === '100');
  client.send(data(1, 'abc', true));
  equal((await client.response(1)).body, 'done');
  client.send(
    headers(3, request({ ':method': 'POST' }, [['content-length', '3']]), false),
    data(3, 'abc', true),
  );
  await client.response(3);
  equal(client.log.of('HEADERS', 3).length, 1);
});

test('a reset ends the request at the endpoint', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  using client = new RawHttp2Client(rig.port);
  client.send(opening, headers(1, request(), true));
  const received = await upstream.connection(0);
  await received.has('\r\n\r\n');
  client.send(rst(1, 8));
  await received.closed;
});

test('a session means the same, whatever the pieces that it comes in', async () => {
  const session = Buffer.concat([
    opening,
    headers(1, request({ ':method': 'POST' }, [['content-length', '6']]), false),
    frame(1, 1, 3, block(request({ ':path': '/second' })).subarray(0, 3)),
    frame(9, 4, 3, block(request({ ':path': '/second' })).subarray(3)),
    data(1, 'abc', false),
    data(1, 'def', true),
  ]);
  await using upstream = new RawUpstream(({ socket, text }) => {
    if (text().endsWith('abcdef')) socket.end(ok('first', 'Connection: close'));
    if (/^GET[^]*\r\n\r\n$/.test(text())) socket.end(ok('second', 'Connection: close'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  for (let at = 1; at < session.length; at += 1) {
    using client = new RawHttp2Client(rig.port);
    client.send(session.subarray(0, at));
    // Another read of the engine's; were it not, the test would only be weaker.
    await new Promise((resolve) => setImmediate(resolve));
    client.send(session.subarray(at));
    equal((await client.response(1)).body, 'first');
    equal((await client.response(3)).body, 'second');
  }
});
