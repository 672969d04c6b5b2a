import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { bundle } from '../objects.ts';
import { encodeQuery, ServerWithoutSockets } from '../server-without-sockets.ts';
import { CorefileServer } from '../corefile-server.ts';
import { everywhere } from '../plugins/records.ts';
import { decodeMessage } from '../../../dns/wire/index.ts';
import { formatAnswer } from '../format.ts';

const name = 'web.shop.svc.cluster.local';

async function answersOf(
  server: ServerWithoutSockets,
  id: number,
): Promise<readonly string[] | undefined> {
  const query = encodeQuery(name, 'A');
  query.writeUInt16BE(id);
  const response = await server.askOctets(query);
  equal(response?.readUInt16BE(), id);
  return response && formatAnswer(decodeMessage(response)).answers;
}

test('a remembered reply bears the id of its query, and ends with its Service', async () => {
  const server = new ServerWithoutSockets().load([
    bundle('shop/web', { clusterIP: '10.96.0.1' }),
    bundle('shop/api', { clusterIP: '10.96.0.9' }),
  ]);
  deepEqual(await answersOf(server, 1), [`${name}. 5 A 10.96.0.1`]);
  equal(server.responder.memo.size, 1);
  deepEqual(await answersOf(server, 2), [`${name}. 5 A 10.96.0.1`]);
  // Another Service changes: this one is still remembered.
  server.load([bundle('shop/api', { clusterIP: '10.96.0.8' })]);
  equal(server.responder.memo.size, 1);
  server.load([bundle('shop/web', { clusterIP: '10.96.0.2' })]);
  equal(server.responder.memo.size, 0);
  deepEqual(await answersOf(server, 3), [`${name}. 5 A 10.96.0.2`]);
  server.load([], { removed: ['shop/web'] });
  equal(await answersOf(server, 4), undefined);
});

test('a denial ends with any change: it shows the serial, and the name may exist now', async () => {
  const server = new ServerWithoutSockets().load([bundle('shop/api', { clusterIP: '10.96.0.1' })]);
  equal((await server.ask(name, 'A')).rcode, 3);
  equal((await server.ask(name, 'A')).rcode, 3);
  server.load([bundle('shop/web', { clusterIP: '10.96.0.2' })]);
  equal((await server.ask(name, 'A')).rcode, 0);
});

test('UDP and TCP, EDNS and none, any case: each is another query', async () => {
  const server = new ServerWithoutSockets().load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  await server.ask(name, 'A');
  await server.ask(name, 'A', { transport: 'tcp' });
  await server.ask(name, 'A', { edns: {} });
  await server.ask(name.toUpperCase(), 'A');
  equal(server.responder.memo.size, 4);
});

test('the number of replies is bounded', async () => {
  const server = new ServerWithoutSockets().load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  for (let i = 0; i < 33_000; i += 1)
    await server.askOctets(encodeQuery(`n${i}.shop.svc.cluster.local`, 'A'));
  equal(server.responder.memo.size, 32_768);
});

test('a kept reply of another resolver is repeated until its TTL counts down', async () => {
  await using server = await CorefileServer.start(
    '. {\n cache\n forward . 192.0.2.53\n}',
    everywhere,
  );
  const hits = (): number | undefined =>
    server.meter.values.get(
      'coredns_cache_hits_total{server="dns://:53",type="success",view="",zones="."}',
    );
  for (let i = 0; i < 5; i += 1) await server.ask('x.org');
  equal(hits(), 1);
  server.clock.advance(1000);
  deepEqual((await server.ask('x.org'))?.answers, ['x.org. 59 A 192.0.2.1']);
  equal(hits(), 2);
});

test('what is logged, or depends on the client, is never repeated', async () => {
  await using server = await CorefileServer.start('. {\n log\n kubernetes cluster.local\n}');
  server.load([bundle('shop/web', { clusterIP: '10.96.0.1' })]);
  for (let i = 0; i < 3; i += 1) await server.ask(name);
  equal(server.lines.length, 3);
  equal(server.responder.memo.size, 0);
});
