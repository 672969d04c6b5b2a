import { equal, match, ok, rejects } from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { seededRandom, silentLog } from '../../../../controller/base/index.ts';
import { createEtcdStore, EtcdClient, Keys } from '../../../../controller/store/etcd/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { MemoryMeter } from '../../../fakes/meter.ts';
import { ProblemBook } from '../../../fakes/problems.ts';
import { configMap } from '../objects.ts';

/** Takes every write, and tells no watch of it. */
function answerAndTellNobody(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.url === '/v3/kv/txn') {
    response.end(JSON.stringify({ header: { revision: '7' }, succeeded: true }));
  } else if (request.url === '/v3/watch') {
    response.write(`${JSON.stringify({ result: { created: true } })}\n`);
  } else {
    response.end(JSON.stringify({ header: { revision: '6' } }));
  }
}

async function startEtcd(context: TestContext): Promise<string> {
  const server = createServer(answerAndTellNobody);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

/** Moves time on until something is settled; resolves to how much passed at most. */
async function timeUntilSettled(clock: FakeClock, settled: Promise<unknown>): Promise<number> {
  const state = { isSettled: false };
  const note = (): void => {
    state.isSettled = true;
  };
  settled.then(note, note);
  const startedMs = clock.nowMs();
  while (!state.isSettled) await clock.advanceAsync(100);
  return clock.nowMs() - startedMs;
}

test('a write that is taken and never heard of fails after ten seconds', async (context) => {
  const url = await startEtcd(context);
  await using client = new EtcdClient({ endpoints: [url] });
  const clock = new FakeClock();
  await using store = createEtcdStore({
    client,
    keys: new Keys('/p'),
    clock,
    random: seededRandom(1),
    log: silentLog,
    meter: new MemoryMeter(),
    problems: new ProblemBook(),
  });
  await store.ready();
  const writing = store.create(configMap('shop/a', {}));
  const tookMs = await timeUntilSettled(clock, writing);
  await rejects(writing, (error: Error & { code: string }) => {
    equal(error.code, 'Unavailable');
    match(error.message, /written as revision 7, but changes are not heard/);
    return true;
  });
  ok(tookMs >= 10_000, `it waited for ${tookMs} ms`);
  equal(store.get('ConfigMap', 'shop', 'a'), undefined);
});

test('who waits when the store is closed does not wait for ever', async (context) => {
  const url = await startEtcd(context);
  await using client = new EtcdClient({ endpoints: [url] });
  const store = createEtcdStore({
    client,
    keys: new Keys('/p'),
    clock: new FakeClock(),
    random: seededRandom(1),
    log: silentLog,
    meter: new MemoryMeter(),
    problems: new ProblemBook(),
  });
  await store.ready();
  const writing = store.create(configMap('shop/a', {}));
  await store[Symbol.asyncDispose]();
  await Promise.allSettled([writing]);
});
