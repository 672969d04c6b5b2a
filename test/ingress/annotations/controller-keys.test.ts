import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import {
  annotated,
  type Annotations,
  compiled,
  configMap,
  onlyRoute,
  type Others,
  type Sent,
  startEndpoint,
  startSite,
} from './rig.ts';

type Data = Readonly<Record<string, string>>;

function withKeys(data: Data, more: Others = {}): Others {
  const maps = [configMap('settings', data), ...(more.configMaps ?? [])];
  return { ...more, configMaps: maps, options: { configMap: 'default/settings' } };
}

interface Row {
  readonly why: string;
  readonly keys: Data;
  readonly set?: Annotations;
  readonly sent?: Sent;
  readonly target?: string;
  readonly tls?: true;
  readonly status: number;
  /** Of the answer. */
  readonly headers?: Data;
  /** Of the request that the endpoint got. */
  readonly got?: Data;
}

const agent = (value: string): Sent => ({ fields: [`User-Agent: ${value}`] });

const rows: readonly Row[] = [
  { why: 'http-redirect-code', keys: { 'http-redirect-code': '301' }, tls: true, status: 301 },
  {
    why: 'no-tls-redirect-locations',
    keys: { 'no-tls-redirect-locations': '/plain,/too' },
    tls: true,
    target: '/plain/x',
    status: 200,
  },
  {
    why: 'no-auth-locations',
    keys: { 'no-auth-locations': '/open' },
    set: { 'auth-url': 'http://127.0.0.1:1/' },
    target: '/open/x',
    status: 200,
  },
  { why: 'block-cidrs', keys: { 'block-cidrs': '10.0.0.0/8, 127.0.0.1' }, status: 403 },
  { why: 'block-cidrs of others', keys: { 'block-cidrs': '10.0.0.0/8' }, status: 200 },
  {
    why: 'block-user-agents',
    keys: { 'block-user-agents': 'bad,~*crawl(er)?' },
    sent: agent('A CRAWLER'),
    status: 403,
  },
  {
    why: 'block-user-agents, the text itself',
    keys: { 'block-user-agents': 'bad,~spider' },
    sent: agent('bad one'),
    status: 200,
  },
  {
    why: 'block-referers',
    keys: { 'block-referers': '~spam\\.test' },
    sent: { fields: ['Referer: https://spam.test/'] },
    status: 403,
  },
  {
    why: 'add-headers, hide-headers',
    keys: { 'add-headers': 'default/added', 'hide-headers': 'X-Secret' },
    status: 200,
    headers: { 'x-added': 'yes', 'x-secret': '' },
  },
  {
    why: 'proxy-set-headers',
    keys: { 'proxy-set-headers': 'default/sent', 'proxy-add-original-uri-header': 'true' },
    target: '/a?b=c',
    status: 200,
    got: { 'x-sent': 'GET', 'x-original-uri': '/a?b=c' },
  },
];
for (const { why, keys, set = {}, sent, target = '/', tls, status, headers, got } of rows) {
  test(`ConfigMap: ${why}`, async () => {
    await using endpoint = await startEndpoint(() => ({ headers: { 'X-Secret': 'x' } }));
    const maps = [
      configMap('added', { 'X-Added': 'yes' }),
      configMap('sent', { 'X-Sent': '$request_method' }),
    ];
    const others = withKeys(keys, { services: { app: endpoint.port }, configMaps: maps });
    await using site = await startSite([annotated(set, tls ? { tls } : {})], others);
    deepEqual(site.problems, []);
    const answer = await site.send(target, sent);
    equal(answer.status, status);
    for (const [name, value] of Object.entries(headers ?? {})) {
      equal(answer.headers.get(name) ?? '', value);
    }
    for (const [name, value] of Object.entries(got ?? {})) {
      equal(endpoint.requests[0]?.headers[name], value);
    }
  });
}

test('ConfigMap: hsts keys, over https alone', () => {
  const valueOf = (keys: Data): unknown =>
    onlyRoute(compiled([annotated({})], withKeys(keys))).filters.find(
      ({ kind }) => kind === 'strict-transport',
    );
  equal(valueOf({}), undefined);
  deepEqual(valueOf({ hsts: 'false' }), { kind: 'strict-transport', value: '' });
  deepEqual(valueOf({ 'hsts-max-age': '60', 'hsts-preload': 'true' }), {
    kind: 'strict-transport',
    value: 'max-age=60; includeSubDomains; preload',
  });
});

test('ConfigMap: limit-req-status-code, limit-conn-status-code, retry-non-idempotent', () => {
  const keys = {
    'limit-req-status-code': '429',
    'limit-conn-status-code': '420',
    'retry-non-idempotent': 'true',
  };
  const route = onlyRoute(compiled([annotated({ 'limit-rps': '1' })], withKeys(keys)));
  const [limit] = route.filters;
  equal(limit?.kind === 'rate-limit' && limit.status, 429);
  equal(limit?.kind === 'rate-limit' && limit.connectionsStatus, 420);
  equal(route.options?.retry?.nonIdempotent, true);
});

test('ConfigMap: custom-headers have to be in global-allowed-response-headers', () => {
  const keys = { 'global-allowed-response-headers': 'X-Fine' };
  const set = { 'custom-headers': 'default/map' };
  const backendOf = (name: string): string => {
    const others = withKeys(keys, { configMaps: [configMap('map', { [name]: '1' })] });
    return onlyRoute(compiled([annotated(set)], others)).backend.kind;
  };
  equal(backendOf('x-fine'), 'pool');
  equal(backendOf('X-Other'), 'unavailable');
});

const wrong: readonly (readonly [Data, reason: string, message: RegExp, closed: boolean])[] = [
  [{ 'http-redirect-code': '200' }, 'InvalidKey', /the default is in force/, false],
  [{ 'block-cidrs': 'office' }, 'InvalidKey', /all routes answer 503/, true],
  [{ 'block-user-agents': '~(' }, 'InvalidKey', /all routes answer 503/, true],
  [{ 'add-headers': 'default/none' }, 'NoSuchConfigMap', /none of its headers/, false],
  [{ 'hsts-maxage': '1' }, 'UnknownKey', /unknown/, false],
  [{ 'use-forwarded-headers': 'true' }, 'UnsupportedKey', /nothing acts/, false],
];
for (const [keys, reason, message, closed] of wrong) {
  test(`ConfigMap: ${JSON.stringify(keys)} is ${reason}`, () => {
    const result = compiled([annotated({})], withKeys(keys));
    deepEqual(
      result.problems.map((one) => one.reason),
      [reason],
    );
    match(result.problems[0]?.message ?? '', message);
    equal(onlyRoute(result).backend.kind, closed ? 'unavailable' : 'pool');
  });
}
