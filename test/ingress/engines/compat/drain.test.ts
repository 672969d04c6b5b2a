import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { createCompatEngine } from '../../../../ingress/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
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
import { host, pool, route, table, toPool } from './table.ts';

test('draining ends what is under way, and takes no more', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const idle = rawClient(rig.port);
  const busy = rawClient(rig.port);
  busy.socket.write(get('/'));
  const received = await upstream.connection(0);
  await received.has('\r\n\r\n');
  const drained = rig.engine.drain(10_000);
  await idle.closed;
  const refused = connect(rig.port, '127.0.0.1');
  await rejects(once(refused, 'connect'), { code: 'ECONNREFUSED' });
  received.socket.write(ok('done'));
  await drained;
  await busy.closed;
  match(busy.text(), /^Connection: close\r$/m);
  match(busy.text(), /done$/);
});

test('what is not done by the deadline is cut', async () => {
  await using upstream = new RawUpstream();
  await using rig = await startRig(appTable(await upstream.listen()));
  const busy = rawClient(rig.port);
  busy.socket.write(get('/'));
  await (await upstream.connection(0)).has('\r\n\r\n');
  await rig.engine.drain(20);
  await busy.closed;
  equal(busy.text(), '');
});

test('a request to an endpoint that leaves the table ends in peace', async () => {
  await using old = new RawUpstream();
  await using fresh = new RawUpstream(({ socket }) => socket.write(ok('fresh')));
  await using rig = await startRig(appTable(await old.listen()));
  const client = rawClient(rig.port);
  client.socket.write(get('/slow'));
  const received = await old.connection(0);
  await received.has('/slow');
  const next = pool('app', [await fresh.listen()]);
  await rig.engine.apply(
    { ...appTable(), generation: 2, pools: new Map([[next.key, next]]) },
    {
      fromGeneration: 1,
      hosts: { upserted: [], removed: [] },
      pools: { upserted: [next], removed: [] },
      certificates: { upserted: [], removed: [] },
      defaultBackend: undefined,
    },
  );
  equal(parse(await exchange(rig.port, get('/', 'Connection: close'))).body, 'fresh');
  received.socket.write(ok('old'));
  await client.has('old');
  // The connection outlives the table it began under.
  client.socket.write(get('/again', 'Connection: close'));
  await client.closed;
  match(client.text(), /fresh$/);
});

test('an address that is taken is a problem, and tried again', async () => {
  const squatter = createServer();
  squatter.listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const taken = squatter.address();
  if (taken === null || typeof taken === 'string') throw new Error('not a TCP server');
  const clock = new FakeClock();
  await using rig = await startRig(appTable(), {
    http: { host: '127.0.0.1', port: taken.port },
    clock,
  });
  deepEqual(rig.problems.reasons, ['PortInUse']);
  squatter.close();
  await once(squatter, 'close');
  clock.advance(5_000);
  while (rig.engine.addresses().length === 0) await new Promise((resolve) => setImmediate(resolve));
  deepEqual(rig.problems.reasons, []);
  equal(parse(await exchange(taken.port, get('/', 'Connection: close'))).status, 503);
});

test('series of an Ingress that is gone are forgotten', async () => {
  await using rig = await startRig(appTable());
  await exchange(rig.port, get('/', 'Connection: close'));
  const series =
    'portolan_ingress_requests_total{code="5xx",ingress="web",namespace="default",service="app"}';
  await rig.has(series);
  const routes = [
    route('/', toPool('app'), { ingress: { kind: 'Ingress', namespace: 'default', name: 'new' } }),
  ];
  await rig.engine.apply(table([host('app.test', routes)], [], { generation: 2 }), undefined);
  equal(rig.meter.values.has(series), false);
});

test('several engines share an address', async () => {
  await using first = await startRig(appTable(), { reusePort: true });
  const http = { host: '127.0.0.1', port: first.port };
  await using second = await startRig(appTable(), { reusePort: true, http });
  equal(second.port, first.port);
  deepEqual(second.problems.reasons, []);
});

testOnly(createCompatEngine, 'an h2c pool is reported', 'it speaks HTTP/1.1 alone', async () => {
  const h2c = pool('app', [], { protocol: 'h2c' });
  await using rig = await startRig(table([host('app.test', [route('/', toPool('app'))])], [h2c]));
  deepEqual(rig.problems.reasons, ['UnsupportedProtocol']);
});
