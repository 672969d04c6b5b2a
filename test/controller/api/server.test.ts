import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FullJournal } from '../store/sqlite/full-journal.ts';
import { openStore } from '../store/sqlite/scratch.ts';
import { TestApi } from './api-client.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const map = (name: string, rest: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...rest },
});

test('requests that are refused, and how', async (context) => {
  const api = await TestApi.start(context);
  const big = JSON.stringify({ ...map('big'), data: { a: 'x'.repeat(3 * 1024 * 1024) } });
  const protobuf = Buffer.from('k8s\0\x0a\x0a\x0a\x02v1\x12\x04Node', 'latin1');
  await api.ask('POST', maps, { body: map('there') });
  const cases = [
    // method path                                   what is sent                        status reason                  message
    ['GET', '/api/v1/servces', {}, 404, 'NotFound', /did you mean "services"/],
    ['GET', '/apis/apps/v7/deployments', {}, 404, 'NotFound', /nothing is served in apps\/v7/],
    ['GET', `${maps}/none`, {}, 404, 'NotFound', /^configmaps "none" not found$/],
    ['GET', `${maps}/there/status`, {}, 404, 'NotFound', /subresources none, not "status"/],
    ['POST', maps, { body: map('there') }, 409, 'AlreadyExists', /"there" already exists/],
    ['POST', maps, { body: map('Bad_Name') }, 422, 'Invalid', /metadata\.name/],
    ['POST', maps, { raw: '{"a":' }, 400, 'BadRequest', /JSON/],
    ['POST', maps, { body: [] }, 400, 'BadRequest', /must be a map/],
    [
      'POST',
      maps,
      { body: { kind: 'Secret' } },
      400,
      'BadRequest',
      /does not match the expected kind/,
    ],
    ['POST', maps, { raw: big }, 413, 'RequestEntityTooLarge', /limit is 3145728/],
    [
      'POST',
      maps,
      { raw: 'x', type: 'application/cbor' },
      415,
      'UnsupportedMediaType',
      /application\/json/,
    ],
    [
      'POST',
      maps,
      { raw: protobuf, type: 'application/vnd.kubernetes.protobuf' },
      415,
      'UnsupportedMediaType',
      /application\/json/,
    ],
    [
      'POST',
      '/api/v1/namespaces/none/configmaps',
      { body: map('a') },
      404,
      'NotFound',
      /namespaces "none"/,
    ],
    [
      'PATCH',
      `${maps}/there`,
      { body: {}, type: 'text/plain' },
      415,
      'UnsupportedMediaType',
      /merge-patch/,
    ],
    [
      'PUT',
      `${maps}/there`,
      { body: map('there', { resourceVersion: '1' }) },
      409,
      'Conflict',
      /resourceVersion/,
    ],
    [
      'PUT',
      `${maps}/there`,
      { body: map('other') },
      400,
      'BadRequest',
      /does not match the name on the URL/,
    ],
    ['POST', `${maps}?dryRun=Some`, { body: map('a') }, 400, 'BadRequest', /dryRun: write All/],
    [
      'POST',
      `${maps}?fieldValidation=Strict`,
      { body: { ...map('a'), dta: {} } },
      400,
      'BadRequest',
      /unknown field "dta"/,
    ],
    ['GET', `${maps}?continue=nonsense`, {}, 400, 'BadRequest', /no token/],
    ['GET', `${maps}?labelSelector=a%3Db%3Dc`, {}, 400, 'BadRequest', /a=b=c/],
    ['GET', `${maps}?resourceVersion=999999`, {}, 504, 'Timeout', /Too large resource version/],
    ['DELETE', '/api/v1/namespaces/default', {}, 403, 'Forbidden', /may not be deleted/],
    ['GET', maps, { token: 'wrong' }, 401, 'Unauthorized', /kubeconfig/],
    ['GET', '/api', { token: 'wrong' }, 401, 'Unauthorized', /kubeconfig/],
    ['OPTIONS', maps, {}, 405, 'MethodNotAllowed', /OPTIONS/],
    ['GET', '/%zz', {}, 400, 'BadRequest', /escape/],
    ['GET', '/api/v1/%zz', {}, 400, 'BadRequest', /escape/],
  ] as const;
  for (const [method, path, sent, status, reason, message] of cases) {
    const answer = await api.ask(method, path, sent);
    const what = `${method} ${path}: ${answer.text.slice(0, 300)}`;
    equal(answer.status, status, what);
    equal(answer.json['reason'], reason, what);
    equal(answer.json['kind'], 'Status', what);
    match(String(answer.json['message']), message, what);
  }
});

test('probes and the version need no credential', async (context) => {
  const api = await TestApi.start(context);
  for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
    equal((await api.ask('GET', path, { token: 'none' })).status, 200, path);
  }
});

test('readyz says why not', async (context) => {
  const api = await TestApi.start(context, { notReady: () => 'waiting for the dns plane' });
  const answer = await api.ask('GET', '/readyz');
  equal(answer.status, 500);
  match(answer.text, /dns plane/);
});

test('credentials are for their owner alone', async (context) => {
  const api = await TestApi.start(context);
  for (const name of ['kubeconfig', 'kubeconfig-read-only', 'api/ca.key', 'api/reader.token']) {
    equal(statSync(join(api.folder, name)).mode & 0o777, 0o600, name);
  }
});

test('the reader reads, but not Secrets, and writes nothing', async (context) => {
  const api = await TestApi.start(context);
  const token = readFileSync(join(api.folder, 'api/reader.token'), 'utf8').trim();
  equal((await api.ask('GET', maps, { token })).status, 200);
  equal((await api.ask('GET', '/api/v1/secrets', { token })).status, 403);
  equal((await api.ask('POST', maps, { token, body: map('a') })).status, 403);
  const proxied = '/api/v1/namespaces/default/services/a/proxy/';
  equal((await api.ask('GET', proxied, { token })).status, 403);
});

test('pages of a list are one list', async (context) => {
  const api = await TestApi.start(context);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await api.ask('POST', maps, { body: map(name) });
  const names: string[] = [];
  let token = '';
  const versions = new Set<string>();
  const labels: object[] = [];
  do {
    const { json } = await api.ask('GET', `${maps}?limit=2&continue=${token}`);
    const { items, metadata } = json as unknown as {
      items: { metadata: { name: string; labels?: object } }[];
      metadata: { continue?: string; resourceVersion: string };
    };
    names.push(...items.map((one) => one.metadata.name));
    versions.add(metadata.resourceVersion);
    token = metadata.continue ?? '';
    // What happens meanwhile is for a watch from the list's version to tell.
    await api.ask('POST', maps, { body: map(`0-${names.length}`) });
    await api.ask('POST', maps, { body: map(`dd-${names.length}`) });
    await api.ask('PUT', `${maps}/d`, { body: map('d', { labels: { n: `${names.length}` } }) });
    await api.ask('DELETE', `${maps}/e`);
    labels.push(...items.flatMap(({ metadata: own }) => own.labels ?? []));
  } while (token !== '');
  deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
  equal(versions.size, 1);
  deepEqual(labels, [], 'none is as it was later');
});

test('a list is not gone on with once its version is forgotten', async (context) => {
  const api = await TestApi.start(context);
  for (const name of ['a', 'b']) await api.ask('POST', maps, { body: map(name) });
  const { json } = await api.ask('GET', `${maps}?limit=1`);
  for (let n = 0; n < 50; n += 1) await api.ask('POST', maps, { body: map(`later-${n}`) });
  const next = await api.ask('GET', `${maps}?limit=1&continue=${json.metadata['continue']}`);
  deepEqual([next.status, next.json['reason']], [410, 'Expired']);
});

test('watches: from now, from a version, from the beginning, and from too long ago', async (context) => {
  const api = await TestApi.start(context);
  const first = await api.ask('POST', maps, { body: map('first') });
  const version = String(first.json.metadata['resourceVersion']);
  await api.ask('POST', maps, { body: map('second') });
  deepEqual(await api.watch(`${maps}?watch=1&resourceVersion=${version}`, 1), ['ADDED second']);
  deepEqual(await api.watch(`${maps}?watch=1`, 2), ['ADDED first', 'ADDED second']);
  const streamed = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=1';
  deepEqual(await api.watch(`${maps}?watch=1&${streamed}`, 3), [
    'ADDED first',
    'ADDED second',
    'BOOKMARK',
  ]);
  for (let index = 0; index < 50; index += 1) {
    await api.ask('POST', maps, { body: map(`more-${index}`) });
  }
  deepEqual(await api.watch(`${maps}?watch=1&resourceVersion=${version}`, 1), ['ERROR Expired']);
});

test('a dry run answers as the write would, and writes nothing', async (context) => {
  const api = await TestApi.start(context);
  const before = api.store.resourceVersion;
  const answer = await api.ask('POST', `${maps}?dryRun=All`, { body: map('a') });
  equal(answer.status, 201);
  notEqual(answer.json.metadata['uid'], undefined);
  equal(api.store.resourceVersion, before);
});

test('dependents go with their last owner', async (context) => {
  const api = await TestApi.start(context);
  const owners = await Promise.all(
    ['one', 'two'].map(async (name) => {
      const { json } = await api.ask('POST', maps, { body: map(name) });
      return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: String(json.metadata['uid']) };
    }),
  );
  await api.ask('POST', maps, { body: map('dependent', { ownerReferences: owners }) });
  const gone = api.watch(`${maps}?watch=1&fieldSelector=metadata.name%3Ddependent`, 2);
  await api.ask('DELETE', `${maps}/one`);
  equal((await api.ask('GET', `${maps}/dependent`)).status, 200);
  await api.ask('DELETE', `${maps}/two`);
  deepEqual(await gone, ['ADDED dependent', 'DELETED dependent']);
});

test('a Namespace goes when what is in it has gone, and takes nothing new meanwhile', async (context) => {
  const api = await TestApi.start(context);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  await api.ask('POST', '/api/v1/namespaces', { body: namespace });
  const inside = '/api/v1/namespaces/shop/configmaps';
  await api.ask('POST', inside, { body: map('plain') });
  await api.ask('POST', inside, { body: map('held', { finalizers: ['example.dev/hold'] }) });
  const gone = api.watch('/api/v1/namespaces?watch=1&fieldSelector=metadata.name%3Dshop', 4);
  const answer = await api.ask('DELETE', '/api/v1/namespaces/shop');
  ok(answer.json.metadata['deletionTimestamp']);
  const refused = await api.ask('POST', inside, { body: map('late') });
  equal(refused.status, 403);
  match(String(refused.json['message']), /being terminated/);
  await api.ask('PATCH', `${inside}/held`, {
    body: { metadata: { finalizers: null } },
    type: 'application/merge-patch+json',
  });
  const events = await gone;
  equal(events[0], 'ADDED shop');
  ok(events.includes('MODIFIED shop'));
});

test('lists beyond their bound are told to come back; others go on', async (context) => {
  const api = await TestApi.start(context, { limits: { maxLists: 0 } });
  const answer = await api.ask('GET', maps);
  equal(answer.status, 429);
  equal(answer.headers['retry-after'], '1');
  equal((await api.ask('POST', maps, { body: map('a') })).status, 201);
});

test('the audit log says who did what, and nothing of what was in it', async (context) => {
  const api = await TestApi.start(context, {
    auditLog: join('/tmp', `portolan-audit-${process.pid}`),
  });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key' },
    stringData: { a: 'hidden' },
  };
  await api.ask('POST', '/api/v1/namespaces/default/secrets', { body: secret });
  await api.api[Symbol.asyncDispose]();
  const text = readFileSync(join('/tmp', `portolan-audit-${process.pid}`), 'utf8');
  match(text, /"user":"portolan-admin".*"verb":"create".*secrets","status":201/);
  ok(!text.includes('hidden'));
});

test('a watcher that does not read is dropped, and others hear everything', async (context) => {
  const api = await TestApi.start(context);
  const stuck = await api.open('GET', `${maps}?watch=1&resourceVersion=1`);
  const closed = new Promise<void>((resolve) => stuck.once('close', resolve));
  const count = 40;
  const heard = api.watch(`${maps}?watch=1&resourceVersion=1`, count);
  const data = { a: 'x'.repeat(1024 * 1024) };
  for (let index = 0; index < count; index += 1) {
    await api.ask('POST', maps, { body: { ...map(`big-${index}`), data } });
  }
  equal((await heard).length, count);
  // What the sockets hold is still to be read before the end shows.
  let events = 0;
  stuck.on('error', () => {});
  stuck.on('data', (chunk: Buffer) => {
    events += chunk.filter((byte) => byte === 0x0a).length;
  });
  await closed;
  ok(events < count, `it heard ${events} events`);
});

test('a full disk refuses writes with a Status; reads and watches go on', async (context) => {
  const journal = new FullJournal();
  await using store = await openStore('/data/store.db', { journal });
  const api = await TestApi.start(context, { objects: store.objects });
  await api.ask('POST', maps, { body: map('there') });
  journal.isFull = true;
  for (const [method, path, asked] of [
    ['POST', maps, { body: map('late') }],
    ['PUT', `${maps}/there`, { body: map('there', { labels: { a: 'b' } }) }],
    ['DELETE', `${maps}/there`, {}],
  ] as const) {
    const { status, headers, json } = await api.ask(method, path, asked);
    deepEqual(
      [status, json['kind'], json['reason'], headers['retry-after']],
      [507, 'Status', 'InsufficientStorage', '10'],
      method,
    );
  }
  equal((await api.ask('GET', `${maps}/there`)).status, 200);
  equal((await api.ask('GET', `${maps}/late`)).status, 404);
  const heard = api.watch(`${maps}?watch=1`, 2);
  journal.isFull = false;
  equal((await api.ask('POST', maps, { body: map('late') })).status, 201);
  deepEqual(await heard, ['ADDED there', 'ADDED late']);
});
