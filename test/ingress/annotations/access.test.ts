import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { secret } from '../compile/objects.ts';
import { annotated, configMap, startEndpoint, startSite } from './rig.ts';

const basic = (text: string): { fields: string[] } => ({
  fields: [`Authorization: Basic ${Buffer.from(text).toString('base64')}`],
});

/** The password is "secret" in each. */
const hashes = [
  ['plain', '{PLAIN}secret'],
  ['sha', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='],
] as const;

test('auth-type basic: the right password passes, and is not passed on', async () => {
  await using endpoint = await startEndpoint();
  const users = secret('users', { auth: 'ann:{PLAIN}secret\n# nobody\nbob:{PLAIN}x\n' }, 'Opaque');
  await using site = await startSite(
    [annotated({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'Shop' })],
    { services: { app: endpoint.port }, secrets: [users] },
  );
  const asked = await site.send('/');
  equal(asked.status, 401);
  equal(asked.headers.get('www-authenticate'), 'Basic realm="Shop"');
  equal((await site.send('/', basic('ann:wrong'))).status, 401);
  equal((await site.send('/', basic('eve:secret'))).status, 401);
  equal(endpoint.requests.length, 0);
  equal((await site.send('/', basic('ann:secret'))).status, 200);
  equal(endpoint.requests[0]?.headers.authorization, undefined);
  equal((await site.send('/.well-known/acme-challenge/x')).status, 200);
});

test('auth-secret-type auth-map: a key for each user', async () => {
  await using endpoint = await startEndpoint();
  await using site = await startSite(
    [annotated({ 'auth-type': 'basic', 'auth-secret': 'users', 'auth-secret-type': 'auth-map' })],
    {
      services: { app: endpoint.port },
      secrets: [secret('users', { ann: '{PLAIN}secret' }, 'Opaque')],
    },
  );
  equal((await site.send('/', basic('ann:secret'))).status, 200);
});

for (const [kind, hash] of hashes) {
  test(`hash of kind ${kind}`, async () => {
    await using endpoint = await startEndpoint();
    await using site = await startSite(
      [annotated({ 'auth-type': 'basic', 'auth-secret': 'users' })],
      {
        services: { app: endpoint.port },
        secrets: [secret('users', { auth: `ann:${hash}` }, 'Opaque')],
      },
    );
    equal((await site.send('/', basic('ann:secret'))).status, 200);
    equal((await site.send('/', basic('ann:Secret'))).status, 401);
  });
}

test('satisfy any: the address or the password is enough', async () => {
  await using endpoint = await startEndpoint();
  const users = secret('users', { auth: 'ann:{PLAIN}secret' }, 'Opaque');
  const set = { 'auth-type': 'basic', 'auth-secret': 'users', satisfy: 'any' };
  const others = { services: { app: endpoint.port }, secrets: [users] };
  const inside = { ...set, 'allowlist-source-range': '127.0.0.0/8' };
  await using known = await startSite([annotated(inside)], others);
  equal((await known.send('/')).status, 200);
  const outside = { ...set, 'allowlist-source-range': '10.0.0.0/8' };
  await using strange = await startSite([annotated(outside)], others);
  equal((await strange.send('/')).status, 401);
  equal((await strange.send('/', basic('ann:secret'))).status, 200);
});

test('auth-url: what the service says of the client replaces what the client says', async () => {
  await using endpoint = await startEndpoint();
  await using service = await startEndpoint(({ headers }) =>
    headers['x-token'] === 'good'
      ? { headers: { 'X-User': 'ann', 'Set-Cookie': ['a=1', 'b=2'] } }
      : { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } },
  );
  await using site = await startSite(
    [
      annotated({
        'auth-url': 'http://auth.default.svc.cluster.local/check',
        'auth-response-headers': 'X-User, X-Groups',
        'auth-proxy-set-headers': 'extra',
      }),
    ],
    {
      services: { app: endpoint.port, auth: service.port },
      configMaps: [configMap('extra', { 'X-Site': 'shop' })],
    },
  );
  deepEqual(site.problems, []);
  const forged = ['X-User: root', 'X-Groups: admin'];
  const refused = await site.send('/a', { fields: forged });
  equal(refused.status, 401);
  equal(refused.headers.get('www-authenticate'), 'Bearer');
  const passed = await site.send('/a?q', {
    method: 'POST',
    body: 'text',
    fields: ['X-Token: good', ...forged],
  });
  equal(passed.status, 200);
  deepEqual(passed.cookies, ['a=1', 'b=2']);
  const [seen] = endpoint.requests;
  equal(seen?.headers['x-user'], 'ann');
  equal(seen?.headers['x-groups'], undefined);
  const asked = service.requests[1];
  equal(asked?.method, 'GET');
  equal(asked?.url, '/check');
  equal(asked?.headers.host, 'auth.default.svc.cluster.local');
  equal(asked?.headers['x-original-url'], 'http://app.test/a?q');
  equal(asked?.headers['x-original-method'], 'POST');
  equal(asked?.headers['x-auth-request-redirect'], '/a?q');
  equal(asked?.headers['x-sent-from'], 'nginx-ingress-controller');
  equal(asked?.headers['x-site'], 'shop');
  equal(asked?.headers['content-length'], undefined);
});

test('auth-signin: who has to sign in is told where', async () => {
  await using endpoint = await startEndpoint();
  await using service = await startEndpoint(() => ({ status: 401 }));
  await using site = await startSite(
    [
      annotated({
        'auth-url': 'http://auth.default.svc/',
        'auth-signin': 'https://login.test/start?x=$host',
      }),
    ],
    { services: { app: endpoint.port, auth: service.port } },
  );
  const answer = await site.send('/a?b=c');
  equal(answer.status, 302);
  equal(
    answer.headers.get('location'),
    'https://login.test/start?x=app.test&rd=http://app.test%2Fa%3Fb%3Dc',
  );
});

for (const [what, status, expected] of [
  ['forbids', 403, 403],
  ['fails', 500, 500],
  ['redirects', 302, 500],
] as const) {
  test(`auth-url: a service that ${what} lets nobody in`, async () => {
    await using endpoint = await startEndpoint();
    await using service = await startEndpoint(() => ({ status }));
    await using site = await startSite([annotated({ 'auth-url': 'http://auth.default.svc/' })], {
      services: { app: endpoint.port, auth: service.port },
    });
    equal((await site.send('/')).status, expected);
    equal(endpoint.requests.length, 0);
  });
}

test('auth-url: a service that is down lets nobody in', async () => {
  await using endpoint = await startEndpoint();
  await using site = await startSite([annotated({ 'auth-url': 'http://auth.default.svc/' })], {
    services: { app: endpoint.port, auth: 0 },
  });
  equal((await site.send('/')).status, 500);
  equal(endpoint.requests.length, 0);
});

test('no message holds a hash', async () => {
  const users = secret('users', { auth: 'ann:rqXexS6ZhobKA' }, 'Opaque');
  await using site = await startSite(
    [annotated({ 'auth-type': 'basic', 'auth-secret': 'users' })],
    { secrets: [users] },
  );
  match(site.problems[0]?.message ?? '', /user "ann"/);
  equal(JSON.stringify(site.problems).includes('rqXexS6ZhobKA'), false);
});
