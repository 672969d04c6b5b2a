import { deepEqual, equal, match } from 'node:assert/strict';
import { once } from 'node:events';
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import { test } from 'node:test';
import {
  createWireEngine,
  type PoolEndpoint,
  selfSignedCertificate,
} from '../../../ingress/index.ts';
import {
  exchange,
  get,
  parse,
  RawUpstream,
  rawClient,
  rigWith,
  startRig,
} from '../engines/compat/rig.ts';
import { host, pool, route, table, toPool } from '../engines/compat/table.ts';
import { FakeClock } from '../../fakes/clock.ts';
import {
  data,
  frame,
  FrameLog,
  headers,
  preface,
  rst,
  settings,
  settingsAck,
  words,
} from './wire-frames.ts';

rigWith(createWireEngine);

type Handler = (stream: ServerHttp2Stream, head: IncomingHttpHeaders, body: string) => void;

/** An endpoint of node:http2. */
class Http2Endpoint implements AsyncDisposable {
  readonly sessions: Http2Session[] = [];
  readonly #server: Http2Server;

  constructor(handler: Handler, server: Http2Server = createServer()) {
    this.#server = server;
    server.on('session', (session: Http2Session) => {
      session.on('error', () => {});
      this.sessions.push(session);
    });
    server.on('stream', (stream: ServerHttp2Stream, head: IncomingHttpHeaders) => {
      let body = '';
      stream.on('error', () => {});
      stream.setEncoding('latin1').on('data', (part: string) => {
        body += part;
      });
      stream.on('end', () => handler(stream, head, body));
    });
  }

  async listen(): Promise<PoolEndpoint> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP server');
    return { address: '127.0.0.1', port: address.port, weight: 1 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.sessions) session.destroy();
    this.#server.close();
  }
}

function http2Table(protocol: 'h2' | 'h2c', ...endpoints: readonly PoolEndpoint[]) {
  const pools = [pool('app', endpoints, { protocol })];
  return table([host('app.test', [route('/', toPool('app'))])], pools);
}

const closing = (path: string, ...more: readonly string[]): string =>
  get(path, 'Connection: close', ...more);

test('a client of HTTP/1.1, an endpoint of HTTP/2: heads, body, trailers', async () => {
  const seen: IncomingHttpHeaders[] = [];
  await using endpoint = new Http2Endpoint((stream, head, body) => {
    seen.push(head);
    stream.respond({ ':status': 201, 'x-len': body.length }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7', 'set-cookie': 'a=b' }));
    stream.end('made');
  });
  await using rig = await startRig(http2Table('h2c', await endpoint.listen()));
  const text = await exchange(
    rig.port,
    'POST /p?q HTTP/1.1\r\nHost: app.test:81\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Up: yes\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  );
  match(
    text,
    /^HTTP\/1\.1 201 Created\r\n[^]*x-len: 3\r\n[^]*\r\n\r\n4\r\nmade\r\n0\r\nx-sum: 7\r\n\r\n$/i,
  );
  const [head = {}] = seen;
  deepEqual(
    [head[':method'], head[':path'], head[':scheme'], head[':authority'], head['x-up'], head.te],
    ['POST', '/p?q', 'http', 'app.test:81', 'yes', 'trailers'],
  );
  for (const name of ['host', 'connection', 'x-hop', 'transfer-encoding', 'upgrade']) {
    equal(head[name], undefined, name);
  }
});

test('over TLS, where the endpoint agrees to h2', async () => {
  const { certificatePem: cert, privateKeyPem: key } = selfSignedCertificate('a', {
    commonName: 'a',
    dnsNames: ['a.test'],
    notBeforeMs: Date.now() - 86_400_000,
    notAfterMs: Date.now() + 86_400_000,
  });
  const secure = createSecureServer({ cert, key });
  await using endpoint = new Http2Endpoint(
    (stream, head) => stream.end(`${head[':scheme']}`),
    secure,
  );
  await using rig = await startRig(http2Table('h2', await endpoint.listen()));
  equal(parse(await exchange(rig.port, closing('/'))).body.includes('https'), true);
});

test('requests of many clients share a connection, up to what the endpoint takes', async () => {
  let open = 0;
  const waiting: (() => void)[] = [];
  const server = createServer({ settings: { maxConcurrentStreams: 10 } });
  await using endpoint = new Http2Endpoint((stream) => {
    open += 1;
    waiting.push(() => stream.end('x'));
    if (open === 30) for (const go of waiting.splice(0)) go();
  }, server);
  await using rig = await startRig(http2Table('h2c', await endpoint.listen()));
  const answers = await Promise.all(
    Array.from({ length: 30 }, async () => parse(await exchange(rig.port, closing('/'))).status),
  );
  deepEqual(new Set(answers), new Set([200]));
  equal(endpoint.sessions.length <= 6, true, `${endpoint.sessions.length} connections`);
});

/** An endpoint that says frames of its own, by the number of its connection. */
function scripted(
  play: (connection: number, log: FrameLog, write: (...parts: readonly Buffer[]) => void) => void,
) {
  const logs: FrameLog[] = [];
  const known: unknown[] = [];
  return new RawUpstream(({ socket, text }) => {
    let index = known.indexOf(socket);
    if (index < 0) {
      index = known.push(socket) - 1;
      logs.push(new FrameLog());
      socket.write(Buffer.concat([settings(), settingsAck]));
    }
    const log = new FrameLog();
    log.add(Buffer.from(text(), 'latin1').subarray(preface.length));
    logs[index] = log;
    play(index, log, (...parts) => socket.write(Buffer.concat(parts)));
  });
}

const answer = (id: number, text: string): Buffer =>
  Buffer.concat([headers(id, [[':status', '200']], false), data(id, text, true)]);

const retried: readonly (readonly [why: string, first: (id: number) => Buffer])[] = [
  ['refused', (id) => rst(id, 7)],
  ['left out of GOAWAY', () => frame(7, 0, 0, words(0, 0))],
];
for (const [why, first] of retried) {
  test(`a POST whose stream was ${why} goes to another endpoint`, async () => {
    let shied = 0;
    await using shy = scripted((_, log, write) => {
      const { streamId } = log.of('HEADERS').at(-1) ?? {};
      if (streamId === undefined) return;
      shied += 1;
      write(first(streamId));
    });
    await using willing = scripted((_, log, write) => {
      const last = log.frames.at(-1);
      if (last?.end === true) write(answer(last.streamId, 'done'));
    });
    await using rig = await startRig(http2Table('h2c', await shy.listen(), await willing.listen()));
    const post =
      'POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    for (let turn = 0; turn < 2; turn += 1) {
      equal(parse(await exchange(rig.port, post)).status, 200);
    }
    equal(shied > 0, true);
  });
}

const lies: readonly (readonly [why: string, frames: readonly Buffer[]])[] = [
  ['no status', [headers(1, [['x-a', 'b']], true)]],
  ['a status that is none', [headers(1, [[':status', '99']], true)]],
  ['101', [headers(1, [[':status', '101']], false)]],
  ['a 1xx that ends', [headers(1, [[':status', '103']], true)]],
  [
    'a line break in a value',
    [
      headers(
        1,
        [
          [':status', '200'],
          ['x-a', 'b\r\nc: d'],
        ],
        true,
      ),
    ],
  ],
  [
    'upper case',
    [
      headers(
        1,
        [
          [':status', '200'],
          ['X-A', 'b'],
        ],
        true,
      ),
    ],
  ],
  [
    'transfer-encoding',
    [
      headers(
        1,
        [
          [':status', '200'],
          ['transfer-encoding', 'chunked'],
        ],
        true,
      ),
    ],
  ],
  [
    'a length without a body',
    [
      headers(
        1,
        [
          [':status', '200'],
          ['content-length', '5'],
        ],
        true,
      ),
    ],
  ],
  ['DATA before HEADERS', [data(1, 'abc', true)]],
  ['PUSH_PROMISE', [frame(5, 4, 1, words(2))]],
  ['a stream of its own', [headers(2, [[':status', '200']], true)]],
  ['no HTTP/2 at all', [Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')]],
];
for (const [why, frames] of lies) {
  test(`an endpoint that breaks the rules is a 502: ${why}`, async () => {
    await using upstream = scripted((_, log, write) => {
      if (log.of('HEADERS').length > 0) write(...frames);
    });
    await using rig = await startRig(http2Table('h2c', await upstream.listen()), {
      timeouts: { readMs: 2_000 },
    });
    const post =
      'POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    equal(parse(await exchange(rig.port, post)).status, 502);
  });
}

const cuts: readonly (readonly [why: string, frames: readonly Buffer[]])[] = [
  ['a reset', [data(1, 'abc', false), rst(1, 2)]],
  ['less than its length', [data(1, 'abc', true)]],
  ['more than its length', [data(1, 'abcdef', true)]],
];
for (const [why, frames] of cuts) {
  test(`a body that is not whole is not shown as whole: ${why}`, async () => {
    await using upstream = scripted((_, log, write) => {
      if (log.of('HEADERS').length > 0) {
        write(
          headers(
            1,
            [
              [':status', '200'],
              ['content-length', '5'],
            ],
            false,
          ),
          ...frames,
        );
      }
    });
    await using rig = await startRig(http2Table('h2c', await upstream.listen()));
    const client = rawClient(rig.port);
    client.socket.write(get('/'));
    await client.closed;
    equal(parse(client.text()).body.length < 5, true);
  });
}

test('a client that goes away resets its stream, and no other', async () => {
  const log = new FrameLog();
  await using upstream = new RawUpstream(({ socket, text }) => {
    if (log.frames.length === 0) socket.write(Buffer.concat([settings(), settingsAck]));
    log.frames.length = 0;
    const all = new FrameLog();
    all.add(Buffer.from(text(), 'latin1').subarray(preface.length));
    log.frames.push(...all.frames);
    if (log.of('RST_STREAM').length > 0) socket.write(answer(3, 'still'));
  });
  await using rig = await startRig(http2Table('h2c', await upstream.listen()));
  const one = rawClient(rig.port);
  one.socket.write(get('/one'));
  const received = await upstream.connection(0);
  await received.has('/one');
  const other = exchange(rig.port, closing('/other'));
  await received.has('/other');
  one.socket.destroy();
  equal(parse(await other).status, 200);
  deepEqual(
    log.of('RST_STREAM').map((frame) => frame.streamId),
    [1],
  );
});

test('a connection that lies idle is closed with GOAWAY', async () => {
  await using endpoint = new Http2Endpoint((stream) => stream.end('x'));
  await using rig = await startRig(http2Table('h2c', await endpoint.listen()), {
    timeouts: { upstreamIdleMs: 100 },
  });
  await exchange(rig.port, closing('/'));
  const [session] = endpoint.sessions;
  if (!session) throw new Error('no connection');
  const [code] = await once(session, 'goaway');
  equal(code, 0);
});

test('an endpoint that is silent is a 504', async () => {
  await using upstream = scripted(() => {});
  await using rig = await startRig(http2Table('h2c', await upstream.listen()), {
    timeouts: { readMs: 200 },
  });
  const post =
    'POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
  equal(parse(await exchange(rig.port, post)).status, 504);
});

test('an endpoint that does not know HTTP/2, and says nothing, is a 504 in time', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(http2Table('h2c', await upstream.listen()), {
    timeouts: { connectMs: 200 },
  });
  equal(parse(await exchange(rig.port, closing('/'))).status, 504);
});

test('after a long silence a path that has gone is found out by PING', async () => {
  const clock = new FakeClock();
  let isGone = false;
  await using upstream = scripted((_, log, write) => {
    const last = log.frames.at(-1);
    if (last?.end === true && !isGone) write(answer(last.streamId, 'here'));
  });
  await using rig = await startRig(http2Table('h2c', await upstream.listen()), {
    clock,
    timeouts: { upstreamIdleMs: 60_000, readMs: 600_000, connectMs: 5_000 },
  });
  equal(parse(await exchange(rig.port, closing('/'))).body, '4\r\nhere\r\n0\r\n\r\n');
  await clock.advanceAsync(30_000, 1_000);
  isGone = true;
  const asked = exchange(rig.port, closing('/again'));
  const received = await upstream.connection(0);
  await received.has('/again');
  await clock.advanceAsync(6_000, 100);
  // 504 would be the read timeout, much later.
  equal(parse(await asked).status, 502);
  await received.closed;
});
