import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { PathType } from '../../../controller/objects/index.ts';
import { byPrecedence, pathMatch } from '../../../ingress/compile/path-rule.ts';
import { explain, type Route, Router } from '../../../ingress/index.ts';
import { host, route, table, toPool } from '../engines/compat/table.ts';

function rule(pathType: PathType, path: string): Route {
  const id = `${pathType} ${path}`;
  return route(path, toPool('app'), { id, pathType, match: pathMatch(path, pathType) });
}

function routerFor(...routes: readonly Route[]): Router {
  return new Router(table([host('foo.com', routes.toSorted(byPrecedence))], []));
}

const hostCases = [
  // rule        request            matches
  ['foo.com', 'foo.com', true],
  ['foo.com', 'FOO.com', true],
  ['foo.com', 'foo.com:8080', true],
  ['foo.com', 'foo.com.', true],
  ['foo.com', 'foo.com.:80', true],
  ['foo.com', 'foo.com..', false],
  ['foo.com', 'bar.foo.com', false],
  ['foo.com', 'baz.bar.foo.com', false],
  ['*.foo.com', 'foo.com', false],
  ['*.foo.com', 'bar.foo.com', true],
  ['*.foo.com', 'Bar.Foo.com:443', true],
  ['*.foo.com', 'baz.bar.foo.com', false],
  ['*.foo.com', '.foo.com', false],
  ['', 'foo.com', true],
  ['', '[::1]:80', true],
  ['', 'localhost', true],
] as const;
for (const [ruleHost, request, matches] of hostCases) {
  test(`host rule "${ruleHost}" on ${request}: ${matches}`, () => {
    const router = new Router(table([host(ruleHost, [rule('Prefix', '/')])], []));
    equal(router.match(request, '/')?.route !== undefined, matches);
  });
}

test('exact host before wildcard before none, and no falling through', () => {
  const hosts = ['a.foo.com', '*.foo.com', ''].map((name) =>
    host(name, [rule('Exact', `/${name}`)]),
  );
  const router = new Router(table(hosts, [], { defaultBackend: toPool('default') }));
  for (const [name, taken] of [
    ['a.foo.com', 'a.foo.com'],
    ['b.foo.com', '*.foo.com'],
    ['foo.com', ''],
  ] as const) {
    equal(router.match(name, `/${taken}`)?.host.host, taken);
    // Paths of the less specific hosts are not for this name.
    for (const other of hosts.filter((one) => one.host !== taken)) {
      const found = router.match(name, `/${other.host}`);
      equal(found?.route, undefined);
      deepEqual(found?.backend, toPool('default'));
    }
  }
});

const pathCases = [
  ['Exact', '/foo', '/foo', true],
  ['Exact', '/foo', '/foo/', false],
  ['Exact', '/foo', '/FOO', false],
  ['Exact', '/foo', '/bar', false],
  ['Exact', '/foo', '/foo/x', false],
  ['Exact', '/foo/', '/foo/', true],
  ['Exact', '/foo/', '/foo', false],
  ['Prefix', '/', '/', true],
  ['Prefix', '/', '/any/thing', true],
  ['Prefix', '/foo', '/foo', true],
  ['Prefix', '/foo', '/foo/', true],
  ['Prefix', '/foo', '/foo/x', true],
  ['Prefix', '/foo', '/foobar', false],
  ['Prefix', '/foo', '/FOO', false],
  ['Prefix', '/foo', '/', false],
  ['Prefix', '/aaa/bb', '/aaa/bb/c', true],
  ['Prefix', '/aaa/bb', '/aaa/bbb', false],
  ['Prefix', '/aaa/bbb/', '/aaa/bbb', true],
  ['Prefix', '/aaa/bbb/', '/aaa/bbb/', true],
  ['Prefix', '/aaa/bbb/', '/aaa/bbb/c', true],
  ['Prefix', '/aaa/bbb/', '/aaa/bbbxyz', false],
  ['ImplementationSpecific', '/foo', '/foo/x', true],
  ['ImplementationSpecific', '/foo', '/foobar', false],
] as const;
for (const [pathType, path, request, matches] of pathCases) {
  test(`${pathType} ${path} on ${request}: ${matches}`, () => {
    equal(routerFor(rule(pathType, path)).match('foo.com', request)?.route !== undefined, matches);
  });
}

const precedence = [
  [['Prefix /', 'Prefix /foo'], '/foo/x', 'Prefix /foo'],
  [['Prefix /foo', 'Prefix /foo/bar'], '/foo/bar/x', 'Prefix /foo/bar'],
  [['Prefix /foo', 'Exact /foo'], '/foo', 'Exact /foo'],
  [['Prefix /foo', 'Exact /foo'], '/foo/', 'Prefix /foo'],
  [['Prefix /foo/', 'Exact /foo'], '/foo', 'Exact /foo'],
  [['Prefix /foo/', 'Prefix /foo'], '/foo/x', 'Prefix /foo/'],
  [['ImplementationSpecific /foo', 'Prefix /foo'], '/foo', 'Prefix /foo'],
  [
    ['ImplementationSpecific /foo/bar', 'Prefix /foo'],
    '/foo/bar',
    'ImplementationSpecific /foo/bar',
  ],
  [['Prefix /a', 'Prefix /a/b/c/d'], '/a/b/c/x', 'Prefix /a'],
] as const;
for (const [rules, request, expected] of precedence) {
  test(`${rules.join(' and ')} on ${request}: ${expected}`, () => {
    const routes = rules.map((text) => {
      const [type = '', path = ''] = text.split(' ');
      return rule(type === 'Exact' || type === 'Prefix' ? type : 'ImplementationSpecific', path);
    });
    for (const order of [routes, routes.toReversed()]) {
      equal(routerFor(...order).match('foo.com', request)?.route?.id, expected);
    }
  });
}

test('a diff changes what it names, and nothing else', () => {
  const router = new Router(table([host('a.com', [rule('Prefix', '/')]), host('b.com', [])], []));
  router.apply({
    fromGeneration: 1,
    hosts: { upserted: [host('c.com', [rule('Prefix', '/')])], removed: ['b.com'] },
    pools: { upserted: [], removed: [] },
    certificates: { upserted: [], removed: [] },
    defaultBackend: undefined,
  });
  deepEqual(
    ['a.com', 'b.com', 'c.com'].map((name) => router.match(name, '/')?.host.host),
    ['a.com', undefined, 'c.com'],
  );
});

test('a path that is all slashes costs no more than its longest rule', () => {
  const router = routerFor(rule('Prefix', '/a'));
  const started = performance.now();
  for (let turn = 0; turn < 1000; turn += 1) router.match('foo.com', '/'.repeat(16_000));
  // Hashing each of 16 000 cuts would take minutes.
  equal(performance.now() - started < 2000, true);
});

test('explain says why each host and route did or did not serve', () => {
  const hosts = [
    host('*.foo.com', [rule('Exact', '/x'), rule('Prefix', '/a'), rule('Prefix', '/')]),
    host('', []),
  ];
  const { match, hosts: looked, routes } = explain(table(hosts, []), 'b.foo.com', '/a/./b');
  equal(match?.route?.id, 'Prefix /a');
  deepEqual(looked, [
    { host: 'b.foo.com', verdict: 'not in the table' },
    { host: '*.foo.com', verdict: 'takes it' },
    { host: '', verdict: 'after *.foo.com' },
  ]);
  deepEqual(
    routes.map(({ verdict }) => verdict),
    ['/a/b is not exactly /x', 'serves it', 'matches, but /a (Prefix) has precedence'],
  );
});
