import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { FilterConfig, RouteOptions } from '../../../ingress/index.ts';
import { IngressAnnotations } from '../../../ingress/annotations/index.ts';
import {
  annotationInfo,
  type AnnotationName,
  annotationNames,
  writtenNames,
} from '../../../ingress/annotations/registry.ts';
import { type Annotations, annotated, compiled, configMap, onlyRoute, prefix } from './rig.ts';

test('the registry has the 136 annotations of ingress-nginx 1.15, two of them under two names', () => {
  equal(annotationNames.length, 136);
  equal(new Set(writtenNames).size, 138);
});

/** Annotations, and what they come to in the table: options, kinds of filters. */
const rows: readonly (readonly [Annotations, RouteOptions, readonly FilterConfig['kind'][]])[] = [
  [{ 'proxy-body-size': '8m' }, { bodyBytes: 8_388_608 }, []],
  [{ 'proxy-body-size': '0' }, { bodyBytes: Number.POSITIVE_INFINITY }, []],
  [{ 'proxy-connect-timeout': '3' }, { connectMs: 3_000 }, []],
  [{ 'proxy-read-timeout': '3600' }, { readMs: 3_600_000 }, []],
  [{ 'proxy-send-timeout': '90' }, { readMs: 90_000 }, []],
  [{ 'enable-access-log': 'false' }, { accessLog: false }, []],
  [
    { 'proxy-next-upstream': 'error http_502 non_idempotent' },
    { retry: { on: ['error', 'status-502'], nonIdempotent: true } },
    [],
  ],
  [{ 'proxy-next-upstream': 'off' }, { retry: { on: [] } }, []],
  [
    { 'proxy-next-upstream-tries': '0', 'proxy-next-upstream-timeout': '5' },
    { retry: { attempts: Number.POSITIVE_INFINITY, withinMs: 5_000 } },
    [],
  ],
  [{ 'upstream-hash-by': '$request_uri' }, {}, ['hash-by']],
  [{ affinity: 'cookie', 'upstream-hash-by': '$request_uri' }, {}, ['affinity']],
  [{ 'limit-rps': '5', 'limit-connections': '2' }, {}, ['rate-limit']],
  [{ 'mirror-target': 'https://m.test$request_uri' }, {}, ['mirror']],
  [{ 'mirror-target': 'http://m.test:8080$request_uri' }, {}, ['mirror']],
  [{ 'auth-url': 'https://a.test/' }, {}, ['access']],
  [{ 'denylist-source-range': '10.0.0.0/8' }, {}, ['access']],
  [{ 'enable-cors': 'true' }, {}, ['cors']],
  [{ 'upstream-vhost': 'x.test' }, {}, ['upstream-host']],
  [{ 'configuration-snippet': 'client_max_body_size 2k;' }, { bodyBytes: 2_048 }, []],
];
for (const [set, options, kinds] of rows) {
  test(`table: ${JSON.stringify(set)}`, () => {
    const result = compiled([annotated(set)]);
    deepEqual(result.problems, []);
    const route = onlyRoute(result);
    deepEqual(route.options, { bodyBytes: 1_048_576, nginxMetrics: true, ...options });
    deepEqual(
      route.filters.map(({ kind }) => kind),
      kinds,
    );
  });
}

const pools: readonly (readonly [Annotations, key: string, protocol: string, algorithm: string])[] =
  [
    [{}, 'default/app:80', 'http', 'weighted'],
    [{ 'backend-protocol': 'https' }, 'default/app:80;https', 'https', 'weighted'],
    [{ 'backend-protocol': 'GRPC' }, 'default/app:80;h2c', 'h2c', 'weighted'],
    [{ 'backend-protocol': 'grpcs' }, 'default/app:80;h2', 'h2', 'weighted'],
    [{ 'load-balance': 'ewma' }, 'default/app:80;p2c', 'http', 'p2c'],
    [{ 'service-upstream': 'true' }, 'default/app:80;clusterip', 'http', 'weighted'],
  ];
for (const [set, key, protocol, algorithm] of pools) {
  test(`pool: ${JSON.stringify(set)}`, () => {
    const { table } = compiled([annotated(set)]);
    const pool = table.pools.get(key);
    deepEqual([pool?.protocol, pool?.algorithm], [protocol, algorithm]);
  });
}

/** What is said of annotations that cannot be served as they are, and whether the route is closed. */
const problems: readonly (readonly [Annotations, reason: string, closed: boolean])[] = [
  [{ 'proxy-body-size': '8 MB' }, 'InvalidAnnotation', false],
  [{ 'proxy-bodysize': '8m' }, 'UnknownAnnotation', false],
  [{ 'secure-backends': 'true' }, 'RemovedAnnotation', false],
  [{ 'enable-modsecurity': 'true' }, 'UnsupportedAnnotation', false],
  [{ 'auth-tls-secret': 'default/ca' }, 'NoSuchSecret', true],
  [{ 'auth-tls-secret': 'other/ca' }, 'OtherNamespace', true],
  [{ 'ssl-passthrough': 'perhaps' }, 'InvalidAnnotation', true],
  [{ 'auth-snippet': 'x;' }, 'UnsupportedAnnotation', true],
  [{ 'auth-url': 'ftp://a.test' }, 'InvalidAnnotation', true],
  [{ 'auth-url': 'http://a.test/\r\nx' }, 'InvalidAnnotation', true],
  [{ 'whitelist-source-range': 'x' }, 'InvalidAnnotation', true],
  [{ satisfy: 'some' }, 'InvalidAnnotation', true],
  [{ 'permanent-redirect': 'https://a.test/$x' }, 'InvalidAnnotation', false],
  [{ 'upstream-vhost': 'a\r\nX: 1' }, 'InvalidAnnotation', false],
  [{ 'custom-headers': 'other/map' }, 'OtherNamespace', true],
  [{ 'backend-protocol': 'FCGI' }, 'UnsupportedProtocol', true],
  [{ 'limit-rate': '10' }, 'UnsupportedAnnotation', false],
  [{ 'proxy-ssl-verify': 'on' }, 'NoSecret', false],
  [{ 'proxy-ssl-verify': 'yes' }, 'InvalidAnnotation', true],
  [{ 'proxy-ssl-secret': 'default/x' }, 'NoSuchSecret', true],
  [{ 'proxy-ssl-secret': 'other/x' }, 'OtherNamespace', true],
  [{ 'auth-tls-match-cn': 'a' }, 'InvalidAnnotation', true],
  [{ 'modsecurity-snippet': 'x' }, 'UnsupportedAnnotation', true],
  [{ 'stream-snippet': 'x' }, 'UnsupportedAnnotation', false],
  [{ 'ssl-ciphers': 'HIGH' }, 'UnsupportedAnnotation', false],
  [{ 'enable-opentelemetry': 'true' }, 'UnsupportedAnnotation', false],
  [{ 'auth-method': 'FETCH' }, 'InvalidAnnotation', true],
  [{ 'enable-global-auth': 'no' }, 'InvalidAnnotation', true],
  [{ 'upstream-hash-by': '$nothing' }, 'UnknownVariable', false],
  [{ 'server-alias': '~^a' }, 'AliasPattern', false],
  [{ 'limit-rps': 'x'.repeat(10_000_000) }, 'InvalidAnnotation', false],
];
for (const [set, reason, closed] of problems) {
  const text = JSON.stringify(set);
  test(`problem: ${text.slice(0, 80)}`, () => {
    const result = compiled([annotated(set)]);
    deepEqual(
      result.problems.map((one) => one.reason),
      [reason],
    );
    ok((result.problems[0]?.message.length ?? 0) < 400);
    equal(onlyRoute(result).backend.kind, closed ? 'unavailable' : 'pool');
  });
}

test('switches that are off ask for nothing', () => {
  const off = { 'ssl-passthrough': 'false', 'enable-modsecurity': 'false', canary: 'false' };
  deepEqual(compiled([annotated(off)]).problems, []);
});

test('a slip of the pen is told the right name', () => {
  const [problem] = compiled([annotated({ 'proxy-bodysize': '1m' })]).problems;
  equal(problem?.instead, 'proxy-body-size');
});

test('a value that cannot be read leaves the one before in force', () => {
  const rules = { prefixes: [prefix], defaults: new Map<AnnotationName, string>() };
  const good = new IngressAnnotations(annotated({ 'limit-rps': '5' }), rules);
  const bad = new IngressAnnotations(annotated({ 'limit-rps': 'five' }), rules, good);
  equal(bad.get('limit-rps'), 5);
  match(bad.problems[0]?.message ?? '', /before stays in force/);
  equal(new IngressAnnotations(annotated({}), rules, bad).get('limit-rps'), undefined);
});

test('the ConfigMap says what Ingresses leave open', () => {
  const settings = configMap('settings', {
    'proxy-body-size': '3k',
    'proxy-read-timeout': 'x',
    'use-gzip': 'true',
    'worker-processes': '4',
    'proxy-bodysize': '1',
  });
  const others = { configMaps: [settings], options: { configMap: 'default/settings' } };
  const result = compiled([annotated({})], others);
  equal(onlyRoute(result).options?.bodyBytes, 3_072);
  deepEqual(
    result.problems.map(({ reason }) => reason),
    ['InvalidKey', 'UnsupportedKey', 'UnknownKey'],
  );
  const own = compiled([annotated({ 'proxy-body-size': '1k' })], others);
  equal(onlyRoute(own).options?.bodyBytes, 1_024);
});

test('a ConfigMap whose access control cannot be read closes all routes', () => {
  const settings = configMap('settings', { 'whitelist-source-range': 'office' });
  const others = { configMaps: [settings], options: { configMap: 'default/settings' } };
  const { backend } = onlyRoute(compiled([annotated({})], others));
  deepEqual(backend, { kind: 'unavailable', status: 503, reason: 'InvalidKey' });
});

test('adopted with =standard: the habits of the Ingress API', () => {
  const options = { classes: ['k8s.io/ingress-nginx=standard'] };
  const result = compiled([annotated({}, { path: '/foo/' })], { options });
  equal(onlyRoute(result).options, undefined);
  equal(result.table.hosts.get('app.test')?.routes.length, 1);
});

test('one Ingress with a rewrite makes patterns of all paths of the host, and that is reported', () => {
  const result = compiled([
    annotated({}, { name: 'a', path: '/Foo', pathType: 'Exact' }),
    annotated(
      { 'rewrite-target': '/$1' },
      { name: 'b', path: '/x/(.*)', pathType: 'ImplementationSpecific' },
    ),
  ]);
  deepEqual(
    result.table.hosts.get('app.test')?.routes.map((one) => one.match),
    [
      { kind: 'regex', path: '^/x/(.*)' },
      { kind: 'regex', path: '^/Foo' },
    ],
  );
  deepEqual(
    result.problems.map(({ reason, object }) => [reason, object?.name]),
    [['PathIsPattern', 'a']],
  );
});

test('a pattern that does not compile is left out; other paths serve', () => {
  const set = { 'use-regex': 'true' };
  const bad = annotated(set, { name: 'b', path: '/a(', pathType: 'ImplementationSpecific' });
  const result = compiled([annotated(set, { name: 'a', path: '/ok' }), bad]);
  equal(result.table.hosts.get('app.test')?.routes.length, 1);
  deepEqual(
    result.problems.map(({ reason }) => reason),
    ['InvalidPattern'],
  );
});

test('no annotation value, whatever it is, throws or lets a guarded route open', () => {
  fc.assert(
    fc.property(fc.constantFrom(...annotationNames), fc.string(), (name, value) => {
      const result = compiled([annotated({ [name]: value })]);
      const { isAccessControl, handling, grammar } = annotationInfo(name);
      if (isAccessControl !== true || handling.kind !== 'acts') return;
      if (grammar.parse(value.trim()) !== undefined) return;
      equal(onlyRoute(result).backend.kind, 'unavailable');
    }),
    { numRuns: 500 },
  );
});
