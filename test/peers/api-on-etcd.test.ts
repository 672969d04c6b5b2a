import { deepEqual, equal } from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { seededRandom, silentLog, systemClock } from '../../controller/base/index.ts';
import { createEtcdStore, EtcdClient, Keys } from '../../controller/store/etcd/index.ts';
import { TestApi } from '../controller/api/api-client.ts';
import { MemoryMeter } from '../fakes/meter.ts';
import { ProblemBook } from '../fakes/problems.ts';
import { program, skipWithout } from '../requirements.ts';
import { EtcdServer } from './etcd.ts';

const skip = skipWithout(program('etcd', 'etcd-server'));
const maps = '/api/v1/namespaces/default/configmaps';

/** The API of one daemon on etcd. */
async function startApi(context: TestContext, etcd: EtcdServer): Promise<TestApi> {
  const store = createEtcdStore({
    client: new EtcdClient({ endpoints: [etcd.url] }),
    keys: new Keys('/portolan'),
    clock: systemClock,
    random: seededRandom(1),
    log: silentLog,
    meter: new MemoryMeter(),
    problems: new ProblemBook(),
  });
  await store.ready();
  const api = await TestApi.start(context, { objects: store.objects });
  context.after(async () => await store[Symbol.asyncDispose]());
  return api;
}

const map = (name: string, rest: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...rest },
});

test('two APIs on one etcd are one', { skip }, async (context) => {
  await using etcd = await EtcdServer.start();
  const one = await startApi(context, etcd);
  const two = await startApi(context, etcd);
  const heard = two.watch(`${maps}?watch=1`, 4);

  const made = await one.ask('POST', maps, { body: map('shared') });
  equal(made.status, 201);
  const { resourceVersion, uid } = made.json.metadata as Record<string, string>;
  // Whoever wrote sees it at once; the other one when its copy is there.
  await one.watch(`${maps}?watch=1`, 1);
  await two.watch(`${maps}?watch=1`, 1);
  equal((await two.ask('POST', maps, { body: map('shared') })).status, 409);

  const changed = { body: map('shared', { resourceVersion, labels: { by: 'two' } }) };
  equal((await two.ask('PUT', `${maps}/shared`, changed)).status, 200);
  const stale = await one.ask('PUT', `${maps}/shared`, changed);
  deepEqual([stale.status, stale.json['reason']], [409, 'Conflict']);

  // Collected by whichever of the two is first.
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'shared', uid };
  await two.ask('POST', maps, { body: map('owned', { ownerReferences: [owner] }) });
  equal((await one.ask('DELETE', `${maps}/shared`)).status, 200);
  deepEqual(await heard, ['ADDED shared', 'MODIFIED shared', 'ADDED owned', 'DELETED shared']);
  const rest = await two.watch(`${maps}?watch=1&resourceVersion=${resourceVersion}`, 4);
  deepEqual(rest.slice(3), ['DELETED owned']);
});

test('a Namespace deleted at one API is emptied, and gone at both', { skip }, async (context) => {
  await using etcd = await EtcdServer.start();
  const one = await startApi(context, etcd);
  const two = await startApi(context, etcd);
  const namespaces = '/api/v1/namespaces';
  const shop = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const made = await one.ask('POST', namespaces, { body: shop });
  equal(made.status, 201);
  for (const name of ['a', 'b']) {
    const answer = await one.ask('POST', `${namespaces}/shop/configmaps`, { body: map(name) });
    equal(answer.status, 201);
  }
  const version = String(made.json.metadata['resourceVersion']);
  const path = `${namespaces}?watch=1&resourceVersion=${version}&fieldSelector=metadata.name=shop`;
  const [atOne, atTwo] = [one, two].map(async (api) => await untilDeleted(api, path));
  await two.ask('DELETE', `${namespaces}/shop`);
  equal(await atOne, 'DELETED shop');
  equal(await atTwo, 'DELETED shop');
  const left = await two.ask('GET', '/api/v1/configmaps');
  deepEqual(left.json['items'], []);
});

/** The deletion may take several writes of either. */
async function untilDeleted(api: TestApi, path: string): Promise<string> {
  for (let count = 1; ; count += 1) {
    const last = (await api.watch(path, count)).at(-1) ?? '';
    if (last.startsWith('DELETED')) return last;
  }
}
