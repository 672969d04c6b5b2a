import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, ServiceBundle } from '../../../controller/objects/index.ts';
import {
  type ServiceTarget,
  ZoneCompiler,
  type ZoneCompilation,
} from '../../../dns/compile/index.ts';
import { bundle, health, slice } from '../objects.ts';

const none = { upserted: [], removed: [] };

function upsert(
  compiler: ZoneCompiler,
  bundles: readonly ServiceBundle[],
  nowSec = 1,
): ZoneCompilation {
  return compiler.update({ bundles: { upserted: bundles, removed: [] }, namespaces: none }, nowSec);
}

function targetOf(one: ServiceBundle): ServiceTarget | undefined {
  const { table } = upsert(new ZoneCompiler(), [one]);
  return [...table.services.values()][0]?.target;
}

function addressesOf(one: ServiceBundle): readonly string[] {
  const target = targetOf(one);
  return target && target.kind !== 'ExternalName' ? target.endpoints.map((ep) => ep.address) : [];
}

const headless = { clusterIP: 'None' } as const;
const http = { name: 'http', port: 8080 };

test('a Service with a cluster IP', () => {
  deepEqual(
    targetOf(
      bundle('a/b', {
        clusterIP: '10.96.0.1',
        clusterIPs: ['10.96.0.1', 'FD00::0:1'],
        ports: [{ port: 53, protocol: 'UDP' }],
        externalIPs: ['192.0.2.1'],
      }),
    ),
    {
      kind: 'ClusterIP',
      addresses: ['10.96.0.1', 'fd00::1'],
      ports: [{ name: '', port: 53, protocol: 'UDP' }],
      endpoints: [],
      externalAddresses: ['192.0.2.1'],
    },
  );
});

test('an endpoint with everything that DNS may show', () => {
  const endpoint = {
    addresses: ['10.0.0.1', '10.0.0.2'],
    hostname: 'db-0',
    nodeName: 'n1',
    zone: 'z1',
    targetRef: { kind: 'Pod', namespace: 'a', name: 'db-0' },
  };
  deepEqual(targetOf(bundle('a/b', headless, [slice('a/b-1', [endpoint], [http])])), {
    kind: 'Headless',
    endpoints: [
      {
        address: '10.0.0.1',
        hostname: 'db-0',
        podName: 'db-0',
        nodeName: 'n1',
        zone: 'z1',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      },
    ],
  });
});

const ready = (address: string, isReady: boolean | undefined) => ({
  addresses: [address],
  conditions: isReady === undefined ? {} : { ready: isReady },
});
const endpointCases: readonly (readonly [why: string, ServiceBundle, readonly string[]])[] = [
  [
    'ready, or silent about it, but not unready',
    bundle('a/b', headless, [
      slice('a/b-1', [
        ready('10.0.0.1', true),
        ready('10.0.0.2', undefined),
        ready('10.0.0.3', false),
      ]),
    ]),
    ['10.0.0.1', '10.0.0.2'],
  ],
  [
    'terminating and still serving is out at once',
    bundle('a/b', headless, [
      slice('a/b-1', [
        '10.0.0.1',
        { addresses: ['10.0.0.2'], conditions: { ready: false, serving: true, terminating: true } },
      ]),
    ]),
    ['10.0.0.1'],
  ],
  [
    'one that fails its check is out',
    bundle(
      'a/b',
      headless,
      [slice('a/b-1', ['10.0.0.1', '10.0.0.2'], [http])],
      health('a/b', [
        ['10.0.0.1', 8080, false],
        ['10.0.0.2', 8080, true],
      ]),
    ),
    ['10.0.0.2'],
  ],
  [
    'when all fail, checks are disregarded',
    bundle(
      'a/b',
      headless,
      [slice('a/b-1', ['10.0.0.1'], [http])],
      health('a/b', [['10.0.0.1', 8080, false]]),
    ),
    ['10.0.0.1'],
  ],
  [
    'one in two slices counts once',
    bundle('a/b', headless, [
      slice('a/b-1', ['10.0.0.1']),
      slice('a/b-2', ['10.0.0.1', 'fd00::1']),
    ]),
    ['10.0.0.1', 'fd00::1'],
  ],
];
for (const [why, one, expected] of endpointCases) {
  test(`endpoints: ${why}`, () => deepEqual(addressesOf(one), expected));
}

test('a hostname that is no label is not used', () => {
  const endpoint = { addresses: ['10.0.0.1'], hostname: 'a.b' };
  const one = bundle('a/b', headless, [slice('a/b-1', [endpoint])]);
  const { table, problems } = upsert(new ZoneCompiler(), [one]);
  const target = table.services.get('a/b')?.target;
  equal(target?.kind === 'Headless' && target.endpoints[0]?.hostname, undefined);
  deepEqual(
    problems.map(({ object }) => object?.field),
    ['endpoints[].hostname'],
  );
});

test('ports of an endpoint in two slices add up', () => {
  const admin = { name: 'admin', port: 9 };
  const target = targetOf(
    bundle('a/b', headless, [
      slice('a/b-1', ['10.0.0.1'], [http]),
      slice('a/b-2', ['10.0.0.1'], [http, admin]),
    ]),
  );
  const ports = target?.kind === 'Headless' ? target.endpoints[0]?.ports : [];
  deepEqual(
    ports?.map(({ name }) => name),
    ['http', 'admin'],
  );
});

test('what is wrong is left out and named, until it is mended', () => {
  const compiler = new ZoneCompiler();
  const bad = bundle('a/b', { clusterIPs: ['10.96.0.1', 'nonsense'] }, [
    slice('a/b-1', ['10.0.0']),
  ]);
  const literal = bundle('a/c', { type: 'ExternalName', externalName: '192.0.2.1' });
  const nonsense = bundle('a/d', { type: 'ExternalName', externalName: 'a..b' });
  deepEqual(
    upsert(compiler, [bad, literal, nonsense]).problems.map(({ object }) => [
      object?.name,
      object?.field,
    ]),
    [
      ['b-1', 'endpoints[].addresses'],
      ['b', 'spec.clusterIPs'],
      ['c', 'spec.externalName'],
      ['d', 'spec.externalName'],
    ],
  );
  const mended = compiler.update(
    {
      bundles: { upserted: [bundle('a/b', { clusterIP: '10.96.0.1' })], removed: ['a/c', 'a/d'] },
      namespaces: none,
    },
    2,
  );
  deepEqual(mended.problems, []);
});

test('equal objects give the same table and no diff', () => {
  const compiler = new ZoneCompiler();
  const one = bundle('a/b', { clusterIP: '10.96.0.1' });
  const first = upsert(compiler, [one], 5);
  equal(first.diff, undefined, 'the first table follows nothing');
  equal(first.table.serial, 5);
  const again = upsert(compiler, [{ ...one }], 6);
  equal(again.table, first.table);
  equal(again.diff, undefined);
  const replaced = compiler.update(
    { bundles: { upserted: [one], removed: ['a/b'] }, namespaces: none },
    7,
  );
  equal(replaced.table, first.table);
});

test('the serial never goes back', () => {
  const compiler = new ZoneCompiler();
  upsert(compiler, [bundle('a/b', { clusterIP: '10.96.0.1' })], 100);
  equal(upsert(compiler, [bundle('a/b', { clusterIP: '10.96.0.2' })], 50).table.serial, 100);
});

test('a diff names what changed and nothing else', () => {
  const compiler = new ZoneCompiler();
  upsert(compiler, [
    bundle('a/b', { clusterIP: '10.96.0.1' }),
    bundle('a/c', { clusterIP: '10.96.0.2' }),
    bundle('d/e', { clusterIP: '10.96.0.3' }),
  ]);
  const { diff, table } = compiler.update(
    {
      bundles: {
        upserted: [bundle('a/b', { clusterIP: '10.96.0.9' }), bundle('f/g', headless)],
        removed: ['d/e', 'never/was'],
      },
      namespaces: { upserted: ['declared'], removed: [] },
    },
    9,
  );
  deepEqual(
    diff && {
      ...diff,
      upserted: diff.upserted.map(({ namespace, name }) => `${namespace}/${name}`),
    },
    {
      fromGeneration: 1,
      upserted: ['a/b', 'f/g'],
      removed: ['d/e'],
      namespacesAdded: ['declared', 'f'],
      namespacesRemoved: ['d'],
      pods: [],
      serial: 9,
    },
  );
  deepEqual([...table.services.keys()].toSorted(), ['a/b', 'a/c', 'f/g']);
});

test('a namespace stays while its object or a Service does', () => {
  const compiler = new ZoneCompiler();
  const step = (
    upserted: readonly ServiceBundle[],
    removed: readonly string[],
    declared: [string[], string[]],
  ) =>
    [
      ...compiler.update(
        {
          bundles: { upserted, removed },
          namespaces: { upserted: declared[0], removed: declared[1] },
        },
        1,
      ).table.namespaces,
    ].toSorted();
  deepEqual(step([bundle('a/b', headless), bundle('a/c', headless)], [], [['a'], []]), ['a']);
  deepEqual(step([], ['a/b'], [[], ['a']]), ['a']);
  deepEqual(step([], ['a/c'], [['z'], []]), ['z']);
  deepEqual(step([], [], [[], ['z']]), []);
});

const pod = (name: string, ips: readonly string[], deletionTimestamp?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'a', name, ...(deletionTimestamp ? { deletionTimestamp } : {}) },
  status: { podIPs: ips.map((ip) => ({ ip })) },
});

test('an address stays while any Pod has it; a Pod being deleted has none', () => {
  const compiler = new ZoneCompiler();
  const step = (upserted: readonly Pod[], removed: readonly string[] = []) =>
    compiler.update({ bundles: none, namespaces: none, pods: { upserted, removed } }, 1);
  const addresses = ({ table }: ZoneCompilation) => [...(table.pods.get('a') ?? [])];
  deepEqual(addresses(step([pod('x', ['10.0.0.1']), pod('y', ['10.0.0.1', 'FD00::1'])])), [
    '10.0.0.1',
    'fd00::1',
  ]);
  equal(step([pod('x', ['10.0.0.1'])]).diff, undefined);
  deepEqual(addresses(step([], ['a/x'])), ['10.0.0.1', 'fd00::1']);
  deepEqual(addresses(step([pod('y', ['10.0.0.1'], '2026-01-01T00:00:00Z')])), []);
});

test('of nothing there is a first table too, so that the server can say NXDOMAIN', () => {
  const { table, diff } = upsert(new ZoneCompiler(), [], 5);
  equal(table.generation, 1);
  equal(diff, undefined);
});
