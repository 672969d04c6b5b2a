import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { annotated, type Annotations, startEndpoint, startSite } from './rig.ts';

const authUrl = 'http://auth.default.svc/check';

test('auth-request-redirect, auth-signin-redirect-param', async () => {
  await using endpoint = await startEndpoint();
  await using service = await startEndpoint(() => ({ status: 401 }));
  const set = {
    'auth-url': authUrl,
    'auth-signin': 'https://login.test/start?x=1',
    'auth-signin-redirect-param': 'back',
    'auth-request-redirect': 'https://$host/again',
  };
  await using site = await startSite([annotated(set)], {
    services: { app: endpoint.port, auth: service.port },
  });
  const sent = await site.send('/a?b');
  equal(sent.status, 302);
  equal(sent.headers.get('location'), 'https://login.test/start?x=1&back=http://app.test%2Fa%3Fb');
  equal(service.requests[0]?.headers['x-auth-request-redirect'], 'https://app.test/again');
  equal(endpoint.requests.length, 0);
});

const cookieRows: readonly (readonly [Annotations, status: number, cookies: readonly string[]])[] =
  [
    [{}, 200, ['a=1']],
    [{}, 404, []],
    [{ 'auth-always-set-cookie': 'true' }, 404, ['a=1']],
  ];
for (const [set, status, cookies] of cookieRows) {
  test(`cookies of the auth service on ${status}, ${JSON.stringify(set)}`, async () => {
    await using endpoint = await startEndpoint(() => ({ status }));
    await using service = await startEndpoint(() => ({ headers: { 'Set-Cookie': 'a=1' } }));
    await using site = await startSite([annotated({ 'auth-url': authUrl, ...set })], {
      services: { app: endpoint.port, auth: service.port },
    });
    const answer = await site.send('/');
    equal(answer.status, status);
    deepEqual(answer.cookies, cookies);
  });
}

test('session-cookie-path, -expires, -conditional-samesite-none', async () => {
  await using endpoint = await startEndpoint();
  const set = {
    affinity: 'cookie',
    'session-cookie-path': '/all',
    'session-cookie-expires': '60',
    'session-cookie-samesite': 'None',
    'session-cookie-conditional-samesite-none': 'true',
  };
  await using site = await startSite([annotated(set)], { services: { app: endpoint.port } });
  const cookieFor = async (agent: string): Promise<string> => {
    const { cookies } = await site.send('/', { fields: [`User-Agent: ${agent}`] });
    return cookies[0] ?? '';
  };
  const usual = await cookieFor('Mozilla/5.0 Chrome/120.0.0.0');
  match(
    usual,
    /; Path=\/all; Expires=\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT; HttpOnly; SameSite=None$/,
  );
  match(await cookieFor('Mozilla/5.0 Chrome/60.0.0.0'), /; HttpOnly$/);
});

test('mirror-host; disable-proxy-intercept-errors', async () => {
  const arrived = Promise.withResolvers<void>();
  await using endpoint = await startEndpoint(() => ({ status: 503, body: 'own words' }));
  await using copy = await startEndpoint(() => {
    arrived.resolve();
    return {};
  });
  const set = {
    'mirror-target': 'http://copy.default.svc$request_uri',
    'mirror-host': 'mirror.test',
    'custom-http-errors': '503',
    'default-backend': 'copy',
    'disable-proxy-intercept-errors': 'true',
  };
  await using site = await startSite([annotated(set)], {
    services: { app: endpoint.port, copy: copy.port },
  });
  const answer = await site.send('/');
  deepEqual([answer.status, answer.body], [503, 'own words']);
  await arrived.promise;
  equal(copy.requests[0]?.headers.host, 'mirror.test');
});
