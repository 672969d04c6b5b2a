import { equal, match, ok as assert } from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, Agent } from 'node:http';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { createCompatEngine, type PoolEndpoint } from '../../../../ingress/index.ts';
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

/** An address that refuses connections: it was listened on a moment ago. */
async function refusing(): Promise<PoolEndpoint> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return { address: '127.0.0.1', port: address.port, weight: 1 };
}

const answering = (): RawUpstream =>
  new RawUpstream(({ text, socket }) => {
    if (/\r\n\r\n(hello)?$/.test(text())) socket.write(ok('done'));
  });

for (const [method, body] of [
  ['GET', ''],
  ['POST', 'hello'],
] as const) {
  test(`${method}: refused connections lead to the next endpoint, with the body whole`, async () => {
    await using upstream = answering();
    const endpoints = [await refusing(), await refusing(), await upstream.listen()];
    await using rig = await startRig(appTable(...endpoints));
    const request = `${method} / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    for (let turn = 0; turn < 3; turn += 1) {
      equal(parse(await exchange(rig.port, request)).status, 200);
    }
    assert(upstream.connections.every(({ text }) => text().endsWith(`\r\n\r\n${body}`)));
  });
}

test('no more tries than allowed, then 502', async () => {
  const endpoints = [await refusing(), await refusing(), await refusing()];
  await using rig = await startRig(appTable(...endpoints), { limits: { tries: 2 } });
  equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).status, 502);
  const failures =
    'portolan_ingress_upstream_failures_total{namespace="default",reason="connect-refused",service="app"}';
  equal(rig.meter.values.get(failures), 2);
});

test('a GET that an endpoint cut off goes to another', async () => {
  await using broken = new RawUpstream(({ socket }) => socket.resetAndDestroy());
  await using upstream = answering();
  await using rig = await startRig(appTable(await broken.listen(), await upstream.listen()));
  for (let turn = 0; turn < 2; turn += 1) {
    equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).body, 'done');
  }
  equal(broken.connections.length, 1);
});

for (const [what, request] of [
  ['without a body', 'POST / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n'],
  [
    'with one',
    'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  ],
] as const) {
  test(`a POST ${what} that an endpoint has seen is never sent again: 502`, async () => {
    await using broken = new RawUpstream(({ socket }) => socket.resetAndDestroy());
    await using other = new RawUpstream(({ socket }) => socket.resetAndDestroy());
    await using rig = await startRig(appTable(await broken.listen(), await other.listen()));
    equal(parse(await exchange(rig.port, request)).status, 502);
    equal(broken.connections.length + other.connections.length, 1);
  });
}

testOnly(
  createCompatEngine,
  'a PUT with a body is not repeated either',
  'the body is used up, and the wire engine keeps a short one',
  async () => {
    await using broken = new RawUpstream(({ socket }) => socket.resetAndDestroy());
    await using other = new RawUpstream(({ socket }) => socket.resetAndDestroy());
    await using rig = await startRig(appTable(await broken.listen(), await other.listen()));
    const request =
      'PUT / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello';
    equal(parse(await exchange(rig.port, request)).status, 502);
    equal(broken.connections.length + other.connections.length, 1);
  },
);

test('an idle connection closed as it is taken up again: a new one, to the same endpoint', async () => {
  // Answers the first request of each connection, and resets on the second.
  await using upstream = new RawUpstream(({ text, socket }) => {
    if (text().split('GET ').length > 2) socket.resetAndDestroy();
    else socket.write(ok('done'));
  });
  await using rig = await startRig(appTable(await upstream.listen()), { limits: { tries: 1 } });
  for (let turn = 0; turn < 4; turn += 1) {
    equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).body, 'done');
  }
  match(upstream.connections[0]?.text() ?? '', /GET[^]*GET/);
});

test('a silent endpoint: an idempotent request goes to the next', async () => {
  await using silent = new RawUpstream();
  await using upstream = answering();
  await using rig = await startRig(appTable(await silent.listen(), await upstream.listen()), {
    timeouts: { readMs: 50 },
  });
  for (let turn = 0; turn < 2; turn += 1) {
    equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).body, 'done');
  }
  equal(silent.connections.length, 1);
});

test('endpoints that come and go under load fail no request', async () => {
  const upstreams: RawUpstream[] = [];
  await using stack = new AsyncDisposableStack();
  const spawn = async (): Promise<PoolEndpoint> => {
    const upstream = stack.use(answering());
    upstreams.push(upstream);
    return upstream.listen();
  };
  let endpoints = [await spawn(), await spawn(), await spawn()];
  await using rig = await startRig(appTable(...endpoints));
  const agent = new Agent({ keepAlive: true });
  const statuses = new Map<number | undefined, number>();
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const headers = { Host: 'app.test' };
      const sent = httpRequest({ port: rig.port, host: '127.0.0.1', agent, headers }, (answer) => {
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        answer.resume().on('end', resolve);
      });
      sent.on('error', reject).end();
    });
  const stop = new AbortController();
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (!stop.signal.aborted) await one();
    }),
  );
  for (let generation = 2; generation < 22; generation += 1) {
    endpoints = [...endpoints.slice(1), await spawn()];
    const next = { ...appTable(...endpoints), generation };
    await rig.engine.apply(next, undefined);
    await one();
    await upstreams[generation - 2]?.[Symbol.asyncDispose]();
  }
  stop.abort();
  await load;
  agent.destroy();
  assert((statuses.get(200) ?? 0) > 100, `${statuses.get(200)}`);
  equal(statuses.size, 1, JSON.stringify([...statuses]));
});

test('least-conn: requests that were cut off no longer count', async () => {
  await using first = new RawUpstream();
  await using second = new RawUpstream();
  const endpoints = [await first.listen(), await second.listen()];
  const [app] = appTable(...endpoints).pools.values();
  assert(app);
  const leastConn = { ...app, algorithm: 'least-conn' as const };
  const base = appTable(...endpoints);
  await using rig = await startRig({ ...base, pools: new Map([[app.key, leastConn]]) });
  const open = (): ReturnType<typeof rawClient> => {
    const client = rawClient(rig.port);
    client.socket.write(get('/'));
    return client;
  };
  // Two on each, or the counts are wrong.
  const clients = [open(), open(), open(), open()];
  await Promise.all([first.connection(1), second.connection(1)]);
  for (const { socket } of clients) socket.destroy();
  await Promise.all([...first.connections, ...second.connections].map(({ closed }) => closed));
  const again = [open(), open()];
  await Promise.all([first.connection(2), second.connection(2)]);
  for (const { socket } of again) socket.destroy();
});
