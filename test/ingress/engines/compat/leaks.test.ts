import { equal, ok as assert } from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { seededRandom } from '../../../../controller/base/index.ts';
import { appTable, ok, RawUpstream, rawClient, startRig } from './rig.ts';

/**
 * Not after `end`: libuv refuses to reset a socket that is being shut down, and node forgets the
 * descriptor, so that the other side waits for ever.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** What an endpoint may do with a request, good and bad. */
const behaviours: readonly ((upstream: RawUpstream['connections'][number]) => void)[] = [
  ({ socket }) => socket.write(ok('done')),
  ({ socket }) => socket.end(ok('done', 'Connection: close')),
  ({ socket }) => reset(socket),
  ({ socket }) => socket.end('garbage\r\n\r\n'),
  ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
  ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'),
  ({ socket }) =>
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    ),
  () => {},
];

const requests = [
  'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: app.test\r\n\r\nGET / HTTP/1.1\r\nHost: app.test\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 5\r\n\r\nhello',
  'DELETE / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: app.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframe',
  'GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
] as const;

test('whatever clients and endpoints do, nothing is left behind', async () => {
  const random = seededRandom(7);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  await using upstream = new RawUpstream((received) => pick(behaviours)?.(received));
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: {
      headMs: 200,
      keepAliveMs: 200,
      readMs: 200,
      lingerMs: 50,
      upstreamIdleMs: 100,
      // A client that is gone looks like one that half-closed, until something is sent to it.
      tunnelMs: 200,
    },
  });
  const visits = Array.from({ length: 300 }, async () => {
    const client = rawClient(rig.port);
    const text = pick(requests) ?? '';
    // Some stop in the middle of what they have to say.
    client.socket.write(random() < 0.3 ? text.slice(0, Math.floor(random() * text.length)) : text);
    const turns = Math.floor(random() * 4);
    for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
    if (random() < 0.7) await Promise.race([client.closed, client.has('HTTP/1.1').catch(() => {})]);
    if (random() < 0.5) reset(client.socket);
    else client.socket.destroy();
    await client.closed;
  });
  await Promise.all(visits);
  // Everything that is counted comes down to nothing, without anybody's help.
  for (const series of [
    'portolan_ingress_active_requests',
    'portolan_ingress_connections{listener="http"}',
  ]) {
    while (rig.meter.values.get(series) !== 0) await new Promise((done) => setImmediate(done));
  }
  await Promise.all(upstream.connections.map(({ closed }) => closed));
  assert(upstream.connections.length > 50);
  equal(rig.meter.values.get('portolan_ingress_active_requests'), 0);
});
