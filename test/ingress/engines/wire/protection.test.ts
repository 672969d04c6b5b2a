import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import {
  createWireEngine,
  type PoolProtection,
  usualProtection,
} from '../../../../ingress/index.ts';
import {
  exchange,
  get,
  ok,
  parse,
  RawUpstream,
  rawClient,
  rigWith,
  startRig,
} from '../compat/rig.ts';
import { host, pool, route, table, toPool } from '../compat/table.ts';

rigWith(createWireEngine);

const closing = get('/', 'Connection: close');

function tableWith(
  over: Partial<PoolProtection>,
  endpoints: Parameters<typeof pool>[1],
): ReturnType<typeof table> {
  const protection = { ...usualProtection, ...over };
  const routes = [route('/', toPool('app'))];
  return table([host('app.test', routes)], [pool('app', endpoints, { protection })]);
}

test('an endpoint that breaks connections is not asked any more', async () => {
  await using broken = new RawUpstream(({ socket }) => socket.resetAndDestroy());
  await using sound = new RawUpstream(({ socket }) => socket.end(ok('done')));
  const endpoints = [await broken.listen(), await sound.listen()];
  await using rig = await startRig(tableWith({ consecutiveErrors: 2 }, endpoints));
  for (let turn = 0; turn < 10; turn += 1) {
    equal(parse(await exchange(rig.port, closing)).status, 200);
  }
  equal(broken.connections.length, 2);
  equal(
    rig.meter.values.get('portolan_ingress_ejections_total{namespace="default",service="app"}'),
    1,
  );
});

test('a full endpoint: requests wait for their turn', async () => {
  await using upstream = new RawUpstream();
  const endpoints = [await upstream.listen()];
  const over = { requestsPerEndpoint: 1, pendingRequests: 1, pendingMs: 60_000 };
  await using rig = await startRig(tableWith(over, endpoints));
  const first = rawClient(rig.port);
  first.socket.write(closing);
  await (await upstream.connection(0)).has('\r\n\r\n');
  const second = rawClient(rig.port);
  second.socket.write(closing);
  const active = (): number => rig.meter.values.get('portolan_ingress_active_requests') ?? 0;
  while (active() < 2) await new Promise((resolve) => setImmediate(resolve));
  // As many as may wait do, so this one goes away with an answer.
  equal(parse(await exchange(rig.port, closing)).status, 503);
  upstream.connections[0]?.socket.end(ok('first'));
  await first.closed;
  const next = await upstream.connection(1);
  await next.has('\r\n\r\n');
  next.socket.end(ok('second'));
  await second.closed;
  match(second.text(), /second$/);
});

test('a full endpoint: the wait has an end', async () => {
  await using upstream = new RawUpstream();
  const endpoints = [await upstream.listen()];
  const over = { requestsPerEndpoint: 1, pendingRequests: 5, pendingMs: 1 };
  await using rig = await startRig(tableWith(over, endpoints));
  const first = rawClient(rig.port);
  first.socket.write(closing);
  await (await upstream.connection(0)).has('\r\n\r\n');
  equal(parse(await exchange(rig.port, closing)).status, 503);
  first.socket.destroy();
});
