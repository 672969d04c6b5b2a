import { equal, match, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import { createCompatEngine } from '../../../../ingress/index.ts';
import {
  appTable,
  exchange,
  get,
  ok,
  parse,
  RawUpstream,
  rawClient,
  startRig,
  testOnly,
} from './rig.ts';

const chunkedBody = '5\r\nabcde\r\n0\r\n\r\n';
/** What an endpoint that is taken in would answer as a request of its own. */
const smuggled = 'GET /admin HTTP/1.1\r\nHost: app.test\r\n\r\n';

/** Answers each request whose body, if any, is whole. */
function answering(): RawUpstream {
  return new RawUpstream(({ text, socket }) => {
    const { head, body } = split(text());
    const isChunked = /^transfer-encoding: chunked$/im.test(head);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    if (isChunked ? body.endsWith('0\r\n\r\n') : head !== '' && body.length >= length) {
      socket.write(ok('done'));
    }
  });
}

function split(text: string): { head: string; body: string } {
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? { head: '', body: '' } : { head: text.slice(0, end), body: text.slice(end + 4) };
}

for (const method of ['DELETE', 'OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'PROPFIND']) {
  test(`a chunked ${method} reaches the endpoint chunked, with its body and nothing else`, async () => {
    await using upstream = answering();
    await using rig = await startRig(appTable(await upstream.listen()));
    const head = `${method} /x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n`;
    const answer = await exchange(
      rig.port,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunkedBody}`,
    );
    equal(parse(answer).status, 200);
    equal(upstream.connections.length, 1);
    const received = split(upstream.connections[0]?.text() ?? '');
    match(received.head, /^Transfer-Encoding: chunked$/m);
    assert(!/content-length/i.test(received.head), received.head);
    equal(received.body, chunkedBody);
  });

  test(`a ${method} with a length keeps it`, async () => {
    await using upstream = answering();
    await using rig = await startRig(appTable(await upstream.listen()));
    const head = `${method} /x HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n`;
    await exchange(rig.port, `${head}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`);
    equal(upstream.connections.length, 1);
    const received = split(upstream.connections[0]?.text() ?? '');
    match(received.head, new RegExp(`^Content-Length: ${smuggled.length}$`, 'm'));
    assert(!/transfer-encoding/i.test(received.head), received.head);
    equal(received.body, smuggled);
  });
}

testOnly(
  createCompatEngine,
  'a connection that carried a body is never used again',
  'an engine that writes framing itself may use it again',
  async () => {
    await using upstream = answering();
    await using rig = await startRig(appTable(await upstream.listen()));
    const post = `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nhi`;
    await exchange(rig.port, post, get('/a'), get('/b', 'Connection: close'));
    const first = upstream.connections.map(({ text }) => text().split(' ')[0]);
    equal(first.filter((method) => method === 'POST').length, 1);
    const carrier = upstream.connections.find(({ text }) => text().startsWith('POST'));
    equal(carrier?.text().split(' HTTP/1.1').length, 2);
    match(carrier?.text() ?? '', /^Connection: close$/m);
  },
);

test('requests without a body share a connection, one after the other', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().endsWith('\r\n\r\n')) socket.write(ok('done'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  for (const path of ['/a', '/b', '/c']) await exchange(rig.port, get(path, 'Connection: close'));
  equal(upstream.connections.length, 1);
});

test('the target goes out as it came, doubled slashes and all', async () => {
  await using upstream = answering();
  await using rig = await startRig(appTable(await upstream.listen()));
  const target = '/a//b/./c/../d%2Fe?u=http://x//y&z';
  await exchange(rig.port, get(target, 'Connection: close'));
  equal(upstream.connections[0]?.text().split('\r\n')[0], `GET ${target} HTTP/1.1`);
});

test('an answer that comes before the body is over reaches the client at once', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().includes('first')) socket.end(ok('enough'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 12\r\n\r\nfirst ');
  await client.has('enough');
  // The rest of the body is dropped; the connection goes on with the next request.
  client.socket.write(`second${get('/next', 'Connection: close')}`);
  await (await upstream.connection(1)).has('GET /next');
  assert(!upstream.connections[0]?.text().includes('second'));
  client.socket.destroy();
});

test('after an early answer an endless body is cut off', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().includes('first')) socket.end(ok('enough'));
  });
  await using rig = await startRig(appTable(await upstream.listen()), {
    limits: { lingerBytes: 1000 },
  });
  const client = rawClient(rig.port);
  client.socket.write(
    'POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n',
  );
  await client.has('enough');
  client.socket.write(`400\r\n${'x'.repeat(1024)}\r\n`);
  await client.closed;
});

test('a body echoed while it is still coming passes both ways', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().endsWith('ping\r\n')) {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npong\r\n');
    }
    if (text().endsWith('0\r\n\r\n')) socket.write('0\r\n\r\n');
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(
    'POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nping\r\n',
  );
  await client.has('pong');
  client.socket.write('0\r\n\r\n');
  await client.closed;
  match(client.text(), /0\r\n\r\n$/);
});

test('a client that goes away takes its upstream connection along', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\nhalf');
  const received = await upstream.connection(0);
  await received.has('half');
  client.socket.destroy();
  await received.closed;
  // Nothing that ends the message: the endpoint must not believe that it is whole.
  equal(split(received.text()).body, 'half');
});

test('a client that goes away while it waits is logged as 499', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(get('/slow'));
  const received = await upstream.connection(0);
  await received.has('\r\n\r\n');
  client.socket.destroy();
  await received.closed;
  await rig.has(
    'portolan_ingress_requests_total{code="499",ingress="web",namespace="default",service="app"}',
  );
});

const cutShort = [
  ['with a length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
  ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
] as const;
for (const [how, bytes] of cutShort) {
  test(`an upstream reset inside a body ${how}: the client can see that it is cut short`, async () => {
    await using upstream = new RawUpstream(({ socket }) => {
      socket.write(bytes, () => socket.resetAndDestroy());
    });
    await using rig = await startRig(appTable(await upstream.listen()));
    const { head, body } = parse(await exchange(rig.port, get('/')));
    match(head, /^HTTP\/1.1 200/);
    assert(/^Content-Length: 100$/m.test(head) ? body.length < 100 : !body.includes('0\r\n\r\n'));
  });
}

test('a body without length or chunks ends with the connection', async () => {
  await using upstream = new RawUpstream(({ socket }) => {
    socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end');
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const { body } = parse(await exchange(rig.port, get('/', 'Connection: close')));
  equal(body, 'd\r\nuntil the end\r\n0\r\n\r\n');
});

test('a second response behind the first goes to nobody', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().includes('GET /first')) socket.write(ok('mine') + ok('poison'));
    else socket.write(ok('yours'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const first = parse(await exchange(rig.port, get('/first', 'Connection: close')));
  equal(first.body, 'mine');
  const second = parse(await exchange(rig.port, get('/second', 'Connection: close')));
  equal(second.body, 'yours');
  equal(upstream.connections.length, 2);
});

test('bytes on an idle upstream connection end its use', async () => {
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().endsWith('\r\n\r\n')) socket.write(ok('done'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  await exchange(rig.port, get('/a', 'Connection: close'));
  const [idle] = upstream.connections;
  idle?.socket.write(ok('poison'));
  await idle?.closed;
  equal(parse(await exchange(rig.port, get('/b', 'Connection: close'))).body, 'done');
  equal(upstream.connections.length, 2);
});

const garbage = [
  ['no status line', 'hello\r\n\r\n'],
  [
    'both lengths',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['differing lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhalf'],
  ['a coding that is not undone', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxxxx'],
  [
    'an upgrade that nobody asked for',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
  ['a head without end', 'HTTP/1.1 200 OK\r\nX: y'],
  ['nothing', ''],
] as const;
for (const [what, bytes] of garbage) {
  test(`an endpoint that answers with ${what}: 502`, async () => {
    await using upstream = new RawUpstream(({ socket }) => socket.end(bytes));
    await using rig = await startRig(appTable(await upstream.listen()));
    equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).status, 502);
  });
}

test('an endpoint that is silent: 504', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()), { timeouts: { readMs: 50 } });
  equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).status, 504);
});

test('an endpoint that falls silent inside a body: cut short', async () => {
  await using upstream = new RawUpstream(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
  });
  await using rig = await startRig(appTable(await upstream.listen()), { timeouts: { readMs: 50 } });
  equal(parse(await exchange(rig.port, get('/'))).body, 'half');
});

test('a client that stops inside its body: 408, and the endpoint is let go', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: { readMs: 50, lingerMs: 50 },
  });
  const head = 'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 100\r\n\r\nhalf';
  const answer = parse(await exchange(rig.port, head));
  equal(answer.status, 408);
  await upstream.connections[0]?.closed;
});

const tooLarge = [
  ['declared', 'Content-Length: 11\r\n\r\nhello world'],
  ['counted', 'Transfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n'],
] as const;
for (const [how, rest] of tooLarge) {
  test(`a body over the limit, ${how}: 413`, async () => {
    await using upstream = new RawUpstream();
    await using rig = await startRig(appTable(await upstream.listen()), {
      limits: { bodyBytes: 10 },
    });
    const answer = await exchange(rig.port, `POST / HTTP/1.1\r\nHost: app.test\r\n${rest}`);
    equal(parse(answer).status, 413);
    if (how === 'declared') equal(upstream.connections.length, 0);
  });
}

test('a broken chunk in the body: 400, and the endpoint does not see an end', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(
    'POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n',
  );
  const received = await upstream.connection(0);
  await received.has('abcde');
  client.socket.write('zz\r\n');
  await client.closed;
  equal(parse(client.text()).status, 400);
  await received.closed;
  assert(!received.text().endsWith('0\r\n\r\n'));
});

test('100-continue is sent once an endpoint is there, and the body then flows', async () => {
  await using upstream = answering();
  await using rig = await startRig(appTable(await upstream.listen()));
  const client = rawClient(rig.port);
  client.socket.write(
    'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
  );
  await client.has('HTTP/1.1 100 Continue\r\n\r\n');
  client.socket.write('hello');
  await client.has('done');
  assert(!/^expect:/im.test(upstream.connections[0]?.text() ?? ''));
});

test('100-continue without an endpoint: the refusal alone, and the connection ends', async () => {
  await using rig = await startRig(appTable(), { timeouts: { lingerMs: 50 } });
  const answer = await exchange(
    rig.port,
    'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
  );
  match(answer, /^HTTP\/1.1 503 /);
  match(answer, /^Connection: close\r$/m);
});

test('early hints pass; a flood of them does not', async () => {
  const hint = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n';
  await using upstream = new RawUpstream(({ text, socket }) => {
    socket.write(text().includes('/flood') ? hint.repeat(100) : hint + ok('done'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const answer = await exchange(rig.port, get('/', 'Connection: close'));
  match(answer, /^HTTP\/1.1 103 Early Hints\r\nLink: <\/a.css>; rel=preload\r\n\r\nHTTP\/1.1 200/);
  const flood = await exchange(rig.port, get('/flood', 'Connection: close'));
  match(flood, /HTTP\/1.1 502 Bad Gateway/);
});

test('HEAD, 204 and 304 have no body, whatever their fields say', async () => {
  const answers = new Map([
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
    ['PUT', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n'],
  ]);
  await using upstream = new RawUpstream(({ text, socket }) => {
    const latest = text().split('\r\n\r\n').at(-2) ?? '';
    socket.write(answers.get(latest.split(' ')[0] ?? '') ?? '');
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  for (const [method, answer] of answers) {
    const request = `${method} / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n`;
    const { head, body } = parse(await exchange(rig.port, request));
    equal(body, '', method);
    equal(/content-length/i.test(head), !answer.includes('204'), method);
  }
});
