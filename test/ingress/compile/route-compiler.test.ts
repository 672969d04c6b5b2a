import { deepEqual, equal, match, notEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { IngressSpec } from '../../../controller/objects/index.ts';
import { type RouteTable, usualProtection } from '../../../ingress/index.ts';
import {
  app,
  ingress,
  path,
  reasons,
  removed,
  rule,
  service,
  slice,
  startCompiler,
  upserted,
} from './objects.ts';

const routesOf = (table: RouteTable, host: string): readonly string[] | undefined =>
  table.hosts
    .get(host)
    ?.routes.map((route) => `${route.pathType} ${route.path} -> ${backendText(route.backend)}`);

function backendText(backend: RouteTable['defaultBackend']): string {
  if (!backend) return 'nobody';
  return backend.kind === 'pool' ? backend.pool : `${backend.status} ${backend.reason}`;
}

test('one Ingress, one Service: host, route and pool', () => {
  const { update } = startCompiler();
  const { table, diff, problems } = update({
    bundles: upserted(app('app', '10.0.0.2', '10.0.0.1')),
    ingresses: upserted(ingress('web', rule('app.test', path('/')))),
  });
  deepEqual(problems, []);
  equal(table.generation, 1);
  equal(diff?.fromGeneration, 0);
  deepEqual(table.hosts.get('app.test'), {
    host: 'app.test',
    routes: [
      {
        id: 'default/web/app.test/Prefix/',
        path: '/',
        pathType: 'Prefix',
        match: { kind: 'prefix', path: '' },
        ingress: { kind: 'Ingress', namespace: 'default', name: 'web' },
        backend: { kind: 'pool', pool: 'default/app:80' },
        httpsRedirect: false,
        filters: [],
        options: undefined,
      },
    ],
    defaultBackend: undefined,
    certificate: undefined,
    tls: false,
    httpsRedirect: false,
  });
  deepEqual(table.pools.get('default/app:80'), {
    key: 'default/app:80',
    namespace: 'default',
    service: 'app',
    port: '80',
    protection: usualProtection,
    algorithm: 'weighted',
    protocol: 'http',
    endpoints: [
      { address: '10.0.0.1', port: 8080, weight: 1 },
      { address: '10.0.0.2', port: 8080, weight: 1 },
    ],
  });
});

test('routes of a host are in order of precedence', () => {
  const { update } = startCompiler();
  const paths = [
    path('/'),
    path('/a'),
    path('/a', 'app', 'ImplementationSpecific'),
    path('/a', 'app', 'Exact'),
    path('/a/'),
    path('/a/b'),
    path('/a/b/c', 'app', 'Exact'),
  ];
  const { table } = update({
    bundles: upserted(app('app')),
    ingresses: upserted(ingress('web', rule('app.test', ...paths))),
  });
  deepEqual(
    table.hosts.get('app.test')?.routes.map((route) => `${route.pathType} ${route.path}`),
    [
      'Exact /a/b/c',
      'Prefix /a/b',
      'Exact /a',
      'Prefix /a/',
      'Prefix /a',
      'ImplementationSpecific /a',
      'Prefix /',
    ],
  );
});

test('several Ingresses merge: the oldest has a path, ties go by name, descending', () => {
  const { update } = startCompiler();
  const at = (creationTimestamp: string): object => ({ creationTimestamp });
  const result = update({
    bundles: upserted(app('one'), app('two'), app('three')),
    ingresses: upserted(
      ingress('young', rule('app.test', path('/', 'one')), at('2026-01-01T00:00:02Z')),
      ingress('a-old', rule('app.test', path('/', 'two')), at('2026-01-01T00:00:01Z')),
      ingress('b-old', rule('app.test', path('/', 'three')), at('2026-01-01T00:00:01Z')),
      ingress('exact', rule('app.test', path('/', 'one', 'Exact')), at('2026-01-01T00:00:03Z')),
    ),
  });
  deepEqual(routesOf(result.table, 'app.test'), [
    'Exact / -> default/one:80',
    'Prefix / -> default/three:80',
  ]);
  deepEqual(reasons(result), [
    'PathConflict on a-old spec.rules[0].http.paths[0].path',
    'PathConflict on young spec.rules[0].http.paths[0].path',
  ]);
  match(result.problems[0]?.message ?? '', /belongs to Ingress default\/b-old/);
  // The winner goes: the next in age takes over.
  const after = update({ ingresses: removed('default/b-old') });
  deepEqual(routesOf(after.table, 'app.test'), [
    'Exact / -> default/one:80',
    'Prefix / -> default/two:80',
  ]);
  deepEqual(reasons(after), ['PathConflict on young spec.rules[0].http.paths[0].path']);
});

const toApp = { service: { name: 'app', port: { number: 80 } } } as const;
const defaults = [
  [
    'of an Ingress without rules: everybody’s',
    { defaultBackend: toApp },
    undefined,
    'default/app:80',
  ],
  [
    'of an Ingress with rules: its hosts’',
    { ...rule('app.test', path('/x')), defaultBackend: toApp },
    'default/app:80',
    'nobody',
  ],
  ['none', rule('app.test', path('/x')), 'nobody', 'nobody'],
  [
    'of a host without paths',
    { rules: [{ host: 'app.test' }], defaultBackend: toApp },
    'default/app:80',
    'nobody',
  ],
] as const satisfies readonly (readonly [string, IngressSpec, string | undefined, string])[];
for (const [what, spec, ofHost, ofTable] of defaults) {
  test(`default backend ${what}`, () => {
    const { update } = startCompiler();
    const { table } = update({
      bundles: upserted(app('app')),
      ingresses: upserted(ingress('web', spec)),
    });
    const host = table.hosts.get('app.test');
    equal(host && backendText(host.defaultBackend), ofHost);
    equal(backendText(table.defaultBackend), ofTable);
  });
}

const ports = [
  { name: 'http', port: 80, targetPort: 8080 },
  { name: 'admin', port: 9000, targetPort: 'adm' },
  { name: 'dns', port: 53, protocol: 'UDP' },
] as const;
const backends = [
  ['by number', { number: 80 }, 'default/app:80', []],
  ['by name', { name: 'admin' }, 'default/app:admin', []],
  ['by targetPort, with a warning', { number: 8080 }, 'default/app:8080', ['TargetPortAsPort']],
  ['an unknown number', { number: 81 }, '503 NoSuchPort', ['NoSuchPort']],
  ['an unknown name', { name: 'https' }, '503 NoSuchPort', ['NoSuchPort']],
  ['a UDP port', { number: 53 }, '503 NoSuchPort', ['NoSuchPort']],
  ['both', { number: 80, name: 'http' }, undefined, ['InvalidBackend']],
  ['none', {}, undefined, ['InvalidBackend']],
  ['out of range', { number: 65_536 }, undefined, ['InvalidBackend']],
] as const;
for (const [what, port, expected, problems] of backends) {
  test(`backend port ${what}`, () => {
    const { update } = startCompiler();
    const slices = [
      slice(
        'app',
        ['10.0.0.1'],
        [
          { name: 'http', port: 8080 },
          { name: 'admin', port: 9001 },
        ],
      ),
    ];
    const backend = { service: { name: 'app', port } };
    const result = update({
      bundles: upserted({ service: service('app', ports), slices, health: undefined }),
      ingresses: upserted(
        ingress('web', rule('app.test', { path: '/', pathType: 'Prefix', backend })),
      ),
    });
    const [route] = result.table.hosts.get('app.test')?.routes ?? [];
    equal(route && backendText(route.backend), expected);
    deepEqual(
      result.problems.map(({ reason }) => reason),
      problems,
    );
    if (problems[0] === 'NoSuchPort') {
      equal(result.problems[0]?.instead, 'one of its ports: http (80), admin (9000)');
    }
  });
}

test('endpoints: ready ones, of the port of that name, each once, with weights', () => {
  const { update } = startCompiler();
  const shared = { ...slice('app', ['10.0.0.1'], [{ name: 'http', port: 8080 }]) };
  const other = {
    ...slice(
      'app',
      [],
      [
        { name: 'http', port: 8081 },
        { name: 'admin', port: 9001 },
      ],
    ),
    endpoints: [
      { addresses: ['10.0.0.3', '10.0.0.4'] },
      { addresses: ['10.0.0.5'], conditions: { ready: false } },
      { addresses: ['fd00::1'], conditions: { ready: true, serving: true } },
    ],
  };
  const annotated = service('app', ports);
  const { table } = update({
    bundles: upserted({
      service: {
        ...annotated,
        metadata: {
          ...annotated.metadata,
          annotations: {
            'portolan.dev/weights': '10.0.0.3=5',
            'portolan.dev/load-balancing': 'p2c',
          },
        },
      },
      slices: [shared, shared, other],
      health: undefined,
    }),
    ingresses: upserted(ingress('web', rule('app.test', path('/')))),
  });
  const pool = table.pools.get('default/app:80');
  equal(pool?.algorithm, 'p2c');
  deepEqual(pool?.endpoints, [
    { address: '10.0.0.1', port: 8080, weight: 1 },
    { address: '10.0.0.3', port: 8081, weight: 5 },
    { address: 'fd00::1', port: 8081, weight: 1 },
  ]);
});

const protocols = [
  [undefined, 'http'],
  ['http', 'http'],
  ['kubernetes.io/ws', 'http'],
  ['https', 'https'],
  ['HTTPS', 'https'],
  ['kubernetes.io/wss', 'https'],
  ['kubernetes.io/h2c', 'h2c'],
  ['example.com/own', 'http'],
] as const;
for (const [appProtocol, expected] of protocols) {
  test(`appProtocol ${appProtocol} means ${expected}`, () => {
    const { update } = startCompiler();
    const port = { port: 80, ...(appProtocol && { appProtocol }) };
    const { table } = update({
      bundles: upserted({ service: service('app', [port]), slices: [], health: undefined }),
      ingresses: upserted(ingress('web', rule('app.test', path('/')))),
    });
    equal(table.pools.get('default/app:80')?.protocol, expected);
  });
}

test('a Service that is missing keeps its route at 503; when it comes, the route is whole', () => {
  const { update } = startCompiler();
  const before = update({ ingresses: upserted(ingress('web', rule('app.test', path('/')))) });
  deepEqual(routesOf(before.table, 'app.test'), ['Prefix / -> 503 NoSuchService']);
  deepEqual(reasons(before), ['NoSuchService on web spec.rules[0].http.paths[0].backend']);
  const after = update({ bundles: upserted(app('app', '10.0.0.1')) });
  deepEqual(routesOf(after.table, 'app.test'), ['Prefix / -> default/app:80']);
  deepEqual(after.problems, []);
  const again = update({ bundles: removed('default/app') });
  deepEqual(routesOf(again.table, 'app.test'), ['Prefix / -> 503 NoSuchService']);
  deepEqual(again.diff?.pools.removed, ['default/app:80']);
});

test('ExternalName and resource backends are reported', () => {
  const { update } = startCompiler();
  const external = service('ext', [{ port: 80 }], { type: 'ExternalName', externalName: 'x.test' });
  const resource = { kind: 'Bucket', name: 'b' };
  const result = update({
    bundles: upserted({ service: external, slices: [], health: undefined }),
    ingresses: upserted(
      ingress(
        'web',
        rule('app.test', path('/', 'ext'), {
          path: '/r',
          pathType: 'Prefix',
          backend: { resource },
        }),
      ),
    ),
  });
  deepEqual(routesOf(result.table, 'app.test'), ['Prefix / -> 503 ExternalNameBackend']);
  deepEqual(reasons(result), [
    'ExternalNameBackend on web spec.rules[0].http.paths[0].backend',
    'UnsupportedBackend on web spec.rules[0].http.paths[1].backend.resource',
  ]);
});

test('a broken path or host leaves the others in force', () => {
  const { update } = startCompiler();
  const spec = {
    rules: [
      ...(rule('app.test', path('/ok'), path('nope'), path('/a//b')).rules ?? []),
      { host: '10.0.0.1', http: { paths: [path('/')] } },
    ],
  };
  const result = update({
    bundles: upserted(app('app')),
    ingresses: upserted(ingress('web', spec)),
  });
  deepEqual(routesOf(result.table, 'app.test'), ['Prefix /ok -> default/app:80']);
  deepEqual([...result.table.hosts.keys()], ['app.test']);
  deepEqual(reasons(result), [
    'InvalidHost on web spec.rules[1].host',
    'InvalidPath on web spec.rules[0].http.paths[1].path',
    'InvalidPath on web spec.rules[0].http.paths[2].path',
  ]);
});

test('endpoints that change touch their pool alone', () => {
  const { update } = startCompiler();
  const before = update({
    bundles: upserted(app('app', '10.0.0.1'), app('other', '10.0.0.9')),
    ingresses: upserted(ingress('web', rule('app.test', path('/'), path('/o', 'other')))),
  });
  const after = update({ bundles: upserted(app('app', '10.0.0.1', '10.0.0.2')) });
  equal(after.table.generation, 2);
  equal(after.diff?.fromGeneration, 1);
  deepEqual(after.diff?.hosts, { upserted: [], removed: [] });
  deepEqual(
    after.diff?.pools.upserted.map(({ key }) => key),
    ['default/app:80'],
  );
  equal(after.table.hosts, before.table.hosts);
  equal(after.table.pools.get('default/other:80'), before.table.pools.get('default/other:80'));
});

test('what makes no difference makes no diff, and the same table', () => {
  const { update } = startCompiler();
  const objects = {
    bundles: upserted(app('app', '10.0.0.1')),
    ingresses: upserted(ingress('web', rule('app.test', path('/')))),
  };
  const first = update(objects);
  const second = update({
    bundles: upserted(app('app', '10.0.0.1'), app('unused', '10.0.0.7')),
    ingresses: upserted(ingress('web', rule('app.test', path('/')))),
  });
  equal(second.table, first.table);
  equal(second.diff, undefined);
});

test('the first update makes a table even of nothing', () => {
  const { update } = startCompiler();
  const { table, diff } = update({});
  equal(table.generation, 1);
  notEqual(diff, undefined);
  equal(update({}).diff, undefined);
});

test('an Ingress that goes takes its hosts and pools along', () => {
  const { update } = startCompiler();
  update({
    bundles: upserted(app('app')),
    ingresses: upserted(ingress('web', rule('app.test', path('/')))),
  });
  const { table, diff } = update({ ingresses: removed('default/web') });
  deepEqual([table.hosts.size, table.pools.size], [0, 0]);
  deepEqual(diff?.hosts.removed, ['app.test']);
});

test('an Ingress that moves to another host leaves the old one', () => {
  const { update } = startCompiler();
  update({ ingresses: upserted(ingress('web', rule('a.test', path('/')))) });
  const { diff } = update({ ingresses: upserted(ingress('web', rule('b.test', path('/')))) });
  deepEqual(diff?.hosts.removed, ['a.test']);
  deepEqual(
    diff?.hosts.upserted.map(({ host }) => host),
    ['b.test'],
  );
});

test('incremental and from scratch give the same table', () => {
  const steps = [
    { bundles: upserted(app('one', '10.0.0.1')) },
    { ingresses: upserted(ingress('a', rule('x.test', path('/', 'one'), path('/two', 'two')))) },
    {
      ingresses: upserted(
        ingress('b', { ...rule('*.x.test', path('/', 'two')), defaultBackend: toApp }),
      ),
    },
    { bundles: upserted(app('two', '10.0.0.2'), app('app', '10.0.0.3')) },
    { ingresses: upserted(ingress('c', { defaultBackend: toApp })) },
    { ingresses: removed('default/a') },
    { bundles: upserted(app('two')) },
  ];
  const { update } = startCompiler();
  let table = update({}).table;
  for (const step of steps) ({ table } = update(step));
  const scratch = startCompiler().update({
    bundles: upserted(app('one', '10.0.0.1'), app('two'), app('app', '10.0.0.3')),
    ingresses: upserted(
      ingress('b', { ...rule('*.x.test', path('/', 'two')), defaultBackend: toApp }),
      ingress('c', { defaultBackend: toApp }),
    ),
  }).table;
  deepEqual({ ...table, generation: 0 }, { ...scratch, generation: 0 });
});
