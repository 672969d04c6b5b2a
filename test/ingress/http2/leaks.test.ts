import { equal, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../controller/base/index.ts';
import { createWireEngine } from '../../../ingress/index.ts';
import {
  appTable,
  ok,
  RawUpstream,
  type Received,
  rigWith,
  startRig,
} from '../engines/compat/rig.ts';
import { RawHttp2Client } from './raw-client.ts';
import {
  data,
  frame,
  headers,
  opening,
  ping,
  request,
  rst,
  settings,
  windowUpdate,
  words,
} from './wire-frames.ts';

rigWith(createWireEngine);

/** What an endpoint may do with a request, good and bad. */
const behaviours: readonly ((upstream: Received) => void)[] = [
  ({ socket }) => socket.write(ok('done')),
  ({ socket }) => socket.write(ok('x'.repeat(200_000))),
  ({ socket }) => socket.end(ok('done', 'Connection: close')),
  ({ socket }) => socket.resetAndDestroy(),
  ({ socket }) => socket.end('garbage\r\n\r\n'),
  ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart'),
  ({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'),
  () => {},
];

const post = request({ ':method': 'POST' });
const talk = request({ ':method': 'CONNECT', ':protocol': 'websocket' });
/** What a client may say on a stream of its own. */
const sayings: readonly ((id: number) => Buffer)[] = [
  (id) => headers(id, request(), true),
  (id) => headers(id, request({ ':authority': 'nobody.test' }), true),
  (id) => Buffer.concat([headers(id, post, false), data(id, 'hello', true)]),
  (id) => Buffer.concat([headers(id, post, false), data(id, 'half', false)]),
  (id) => Buffer.concat([headers(id, post, false), data(id, 'half', false), rst(id, 8)]),
  (id) => Buffer.concat([headers(id, request(), true), rst(id, 8)]),
  (id) => Buffer.concat([headers(id, request(), true), windowUpdate(id, 0)]),
  (id) => Buffer.concat([headers(id, talk, false), data(id, 'frame', false)]),
  (id) => headers(id, request({ ':path': undefined }), true),
  () => Buffer.concat([ping(), settings([4, 10])]),
  () => frame(7, 0, 0, words(0, 0)),
  () => frame(0xee, 0, 0, Buffer.alloc(3)),
  () => frame(6, 0, 1, Buffer.alloc(8)),
];

test('whatever clients and endpoints do, nothing is left behind', async () => {
  const random = seededRandom(11);
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  await using upstream = new RawUpstream((received) => pick(behaviours)?.(received));
  await using rig = await startRig(appTable(await upstream.listen()), {
    timeouts: { headMs: 200, keepAliveMs: 200, readMs: 200, lingerMs: 50, upstreamIdleMs: 100 },
  });
  const visits = Array.from({ length: 150 }, async () => {
    using client = new RawHttp2Client(rig.port);
    const said = [opening];
    for (let id = 1; id < 12; id += 2) said.push(pick(sayings)?.(id) ?? ping());
    const bytes = Buffer.concat(said);
    // Some stop in the middle of what they have to say.
    client.send(random() < 0.3 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes);
    const turns = Math.floor(random() * 6);
    for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
    const leaves = random();
    if (leaves < 0.3) client.socket.resetAndDestroy();
    else if (leaves < 0.6) client.socket.end();
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
