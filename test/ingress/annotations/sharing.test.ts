import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Annotations,
  annotated,
  configMap,
  type Endpoint,
  type Others,
  type Sent,
  type Site,
  startEndpoint,
  startSite,
} from './rig.ts';

/** A main Service and its canary. */
async function startCanary(
  set: Annotations,
  main: Annotations = {},
): Promise<{ site: Site; stable: Endpoint; canary: Endpoint } & AsyncDisposable> {
  const stable = await startEndpoint(() => ({ body: 'stable' }));
  const canary = await startEndpoint(() => ({ body: 'canary' }));
  const site = await startSite(
    [
      annotated(main, { name: 'main', service: 'stable' }),
      annotated({ canary: 'true', ...set }, { name: 'next', service: 'canary' }),
    ],
    { services: { stable: stable.port, canary: canary.port } },
  );
  return {
    site,
    stable,
    canary,
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await stable[Symbol.asyncDispose]();
      await canary[Symbol.asyncDispose]();
    },
  };
}

const chosen: readonly (readonly [why: string, set: Annotations, sent: Sent, body: string])[] = [
  ['header always', { 'canary-by-header': 'X-Next' }, { fields: ['X-Next: always'] }, 'canary'],
  [
    'header never beats weight',
    { 'canary-by-header': 'X-Next', 'canary-weight': '100' },
    { fields: ['X-Next: never'] },
    'stable',
  ],
  [
    'another value goes on to the weight',
    { 'canary-by-header': 'X-Next', 'canary-weight': '100' },
    { fields: ['X-Next: x'] },
    'canary',
  ],
  [
    'header value',
    { 'canary-by-header': 'X-Next', 'canary-by-header-value': 'yes' },
    { fields: ['X-Next: yes'] },
    'canary',
  ],
  [
    'always is no value',
    { 'canary-by-header': 'X-Next', 'canary-by-header-value': 'yes' },
    { fields: ['X-Next: always'] },
    'stable',
  ],
  [
    'never means nothing beside a value',
    { 'canary-by-header': 'X-Next', 'canary-by-header-value': 'yes', 'canary-weight': '100' },
    { fields: ['X-Next: never'] },
    'canary',
  ],
  [
    'header pattern',
    { 'canary-by-header': 'X-Next', 'canary-by-header-pattern': '^v[23]$' },
    { fields: ['X-Next: v3'] },
    'canary',
  ],
  [
    'value before pattern',
    {
      'canary-by-header': 'X-Next',
      'canary-by-header-value': 'a',
      'canary-by-header-pattern': 'b',
    },
    { fields: ['X-Next: b'] },
    'stable',
  ],
  [
    'cookie always',
    { 'canary-by-cookie': 'next' },
    { fields: ['Cookie: a=b; next=always'] },
    'canary',
  ],
  [
    'cookie never beats weight',
    { 'canary-by-cookie': 'next', 'canary-weight': '100' },
    { fields: ['Cookie: next=never'] },
    'stable',
  ],
  [
    'header before cookie',
    { 'canary-by-header': 'X-Next', 'canary-by-cookie': 'next' },
    { fields: ['X-Next: never', 'Cookie: next=always'] },
    'stable',
  ],
  ['weight 0', { 'canary-weight': '0' }, {}, 'stable'],
  ['weight 100', { 'canary-weight': '100' }, {}, 'canary'],
  ['whole total', { 'canary-weight': '1000', 'canary-weight-total': '1000' }, {}, 'canary'],
];
for (const [why, set, sent, body] of chosen) {
  test(`canary: ${why}`, async () => {
    await using one = await startCanary(set);
    deepEqual(one.site.problems, []);
    equal((await one.site.send('/', sent)).body, body);
  });
}

test('canary-weight: about the share that was asked for', async () => {
  await using one = await startCanary({ 'canary-weight': '30' });
  for (let index = 0; index < 200; index += 1) await one.site.send('/');
  const share = one.canary.requests.length / 200;
  ok(share > 0.2 && share < 0.4, `${share}`);
});

test('canary: without endpoints the main pool serves, and the other way round', async () => {
  await using endpoint = await startEndpoint();
  for (const services of [
    { stable: endpoint.port, canary: 0 },
    { stable: 0, canary: endpoint.port },
  ]) {
    await using site = await startSite(
      [
        annotated({}, { name: 'main', service: 'stable' }),
        annotated({ canary: 'true', 'canary-weight': '50' }, { name: 'next', service: 'canary' }),
      ],
      { services },
    );
    for (let index = 0; index < 8; index += 1) equal((await site.send('/')).status, 200);
  }
});

test('canary without a main route is reported', async () => {
  await using site = await startSite([annotated({ canary: 'true', 'canary-weight': '50' })]);
  deepEqual(
    site.problems.map(({ reason }) => reason),
    ['CanaryWithoutMain'],
  );
  equal((await site.send('/')).status, 404);
});

test('affinity: a client stays; its cookie has what was asked for', async () => {
  await using endpoint = await startEndpoint();
  const set = {
    affinity: 'cookie',
    'session-cookie-name': 'tie',
    'session-cookie-max-age': '60',
    'session-cookie-samesite': 'None',
    'session-cookie-secure': 'true',
    'session-cookie-domain': 'app.test',
  };
  await using site = await startSite([annotated(set, { path: '/shop' })], {
    services: { app: endpoint.port },
  });
  const [cookie = ''] = (await site.send('/shop')).cookies;
  match(
    cookie,
    /^tie=[0-9a-f]{32}\|[0-9a-f]{32}; Path=\/shop; Domain=app.test; Max-Age=60; Secure; HttpOnly; SameSite=None$/,
  );
  const [pair = ''] = cookie.split(';');
  deepEqual((await site.send('/shop', { fields: [`Cookie: ${pair}`] })).cookies, []);
  equal((await site.send('/shop', { fields: ['Cookie: tie=x|y'] })).cookies.length, 1);
});

test('affinity sticks to the canary, unless it is legacy', async () => {
  const main = { affinity: 'cookie' };
  const set = { 'canary-by-header': 'X-Next', 'canary-weight': '0' };
  await using one = await startCanary(set, main);
  const first = await one.site.send('/', { fields: ['X-Next: always'] });
  const fields = [`Cookie: ${first.cookies[0]?.split(';')[0] ?? ''}`];
  equal((await one.site.send('/', { fields })).body, 'canary');
  await using two = await startCanary(set, { ...main, 'affinity-canary-behavior': 'legacy' });
  equal((await two.site.send('/', { fields })).body, 'stable');
});

const limited: readonly (readonly [what: string, set: Annotations, granted: number])[] = [
  ['limit-rpm', { 'limit-rpm': '2', 'limit-burst-multiplier': '2' }, 5],
  ['limit-rps', { 'limit-rps': '1', 'limit-burst-multiplier': '3' }, 4],
  ['limit-allowlist', { 'limit-rpm': '1', 'limit-whitelist': '127.0.0.0/8' }, 12],
];
for (const [what, set, granted] of limited) {
  test(`${what}: ${granted} of 12 at once`, async () => {
    await using endpoint = await startEndpoint();
    await using site = await startSite([annotated(set)], { services: { app: endpoint.port } });
    const answers = await Promise.all(Array.from({ length: 12 }, async () => site.send('/')));
    equal(answers.filter(({ status }) => status === 200).length, granted);
    equal(answers.filter(({ status }) => status === 503).length, 12 - granted);
  });
}

test('limit-connections: what is under way counts, what is over does not', async () => {
  await using endpoint = await startEndpoint();
  await using auth = await startEndpoint();
  await using site = await startSite(
    [annotated({ 'limit-connections': '1', 'auth-url': 'http://auth.default.svc/' })],
    { services: { app: endpoint.port, auth: auth.port } },
  );
  const answers = await Promise.all([site.send('/'), site.send('/')]);
  deepEqual(
    answers.map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 503],
  );
  equal((await site.send('/')).status, 200);
});

test('custom-http-errors: default-backend words them, with the status that it was', async () => {
  await using endpoint = await startEndpoint(() => ({ status: 404, body: 'raw' }));
  await using pages = await startEndpoint(() => ({ body: 'worded' }));
  await using site = await startSite(
    [annotated({ 'custom-http-errors': '404,503', 'default-backend': 'pages' })],
    { services: { app: endpoint.port, pages: pages.port } },
  );
  const answer = await site.send('/a', { fields: ['Accept: text/html'] });
  equal(answer.status, 404);
  equal(answer.body, 'worded');
  const [seen] = pages.requests;
  equal(seen?.url, '/');
  equal(seen?.headers['x-code'], '404');
  equal(seen?.headers['x-format'], 'text/html');
  equal(seen?.headers['x-original-uri'], '/a');
  equal(seen?.headers['x-namespace'], 'default');
  equal(seen?.headers['x-ingress-name'], 'web');
  equal(seen?.headers['x-service-name'], 'app');
});

test('mirror-target: a copy goes out, and nobody waits for it', async () => {
  await using endpoint = await startEndpoint();
  const arrived = Promise.withResolvers<void>();
  await using copy = await startEndpoint(() => {
    arrived.resolve();
    return {};
  });
  await using site = await startSite(
    [annotated({ 'mirror-target': 'http://copy.default.svc$request_uri' })],
    { services: { app: endpoint.port, copy: copy.port } },
  );
  equal((await site.send('/a?b')).status, 200);
  await arrived.promise;
  equal(copy.requests[0]?.url, '/a?b');
});

const responses: readonly (readonly [
  what: string,
  set: Annotations,
  others: Others,
  headers: Readonly<Record<string, string>>,
  name: string,
  value: string,
])[] = [
  [
    'custom-headers',
    { 'custom-headers': 'extra' },
    { configMaps: [configMap('extra', { 'X-A': '1' })] },
    {},
    'x-a',
    '1',
  ],
  [
    'proxy-cookie-domain',
    { 'proxy-cookie-domain': 'in.test app.test' },
    {},
    { 'Set-Cookie': 'a=1; Domain=in.test; HttpOnly' },
    'set-cookie',
    'a=1; Domain=app.test; HttpOnly',
  ],
  [
    'proxy-cookie-path',
    { 'proxy-cookie-path': '/in/ /' },
    {},
    { 'Set-Cookie': 'a=1; Path=/in/x' },
    'set-cookie',
    'a=1; Path=/x',
  ],
  [
    'proxy-redirect',
    { 'proxy-redirect-from': 'http://in.test/', 'proxy-redirect-to': '/' },
    {},
    { Location: 'http://in.test/a' },
    'location',
    '/a',
  ],
];
for (const [what, set, others, headers, name, value] of responses) {
  test(`${what}: on what the endpoint answers`, async () => {
    await using endpoint = await startEndpoint(() => ({ headers }));
    await using site = await startSite([annotated(set)], {
      ...others,
      services: { app: endpoint.port },
    });
    equal((await site.send('/')).headers.get(name), value);
  });
}

test('custom-headers: a ConfigMap that is missing closes the route', async () => {
  await using site = await startSite([annotated({ 'custom-headers': 'gone' })]);
  equal((await site.send('/')).status, 503);
});

for (const profile of ['nginx', 'standard'])
  test(`slashes that double pass by no guard: ${profile}`, async () => {
    await using endpoint = await startEndpoint();
    await using site = await startSite(
      [
        annotated({}, { name: 'open' }),
        annotated({ 'denylist-source-range': '127.0.0.1' }, { name: 'guarded', path: '/admin' }),
      ],
      {
        services: { app: endpoint.port },
        options: { classes: [`k8s.io/ingress-nginx=${profile}`] },
      },
    );
    for (const target of ['/admin', '//admin', '///admin//x', '/.//admin', '/%61dmin']) {
      equal((await site.send(target)).status, 403, target);
    }
    equal((await site.send('//other')).status, 200);
    equal(endpoint.requests[0]?.url, '//other');
  });

test('server-alias serves the same; from-to-www-redirect sends on', async () => {
  await using endpoint = await startEndpoint();
  await using site = await startSite(
    [annotated({ 'server-alias': 'b.test, *.c.test', 'from-to-www-redirect': 'true' })],
    { services: { app: endpoint.port } },
  );
  equal((await site.send('/', { host: 'b.test' })).status, 200);
  equal((await site.send('/', { host: 'x.c.test' })).status, 200);
  const moved = await site.send('/a?b', { host: 'www.app.test' });
  equal(moved.status, 308);
  equal(moved.headers.get('location'), 'http://app.test/a?b');
});
