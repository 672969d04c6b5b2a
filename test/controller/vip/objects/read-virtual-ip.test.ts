import { deepEqual, equal } from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { VirtualIP, VirtualIPSpec } from '../../../../controller/objects/index.ts';
import { readVirtualIP } from '../../../../controller/vip/objects/read-virtual-ip.ts';

const virtualIP = (spec: Partial<VirtualIPSpec> = {}): VirtualIP => ({
  apiVersion: 'portolan.dev/v1alpha1',
  kind: 'VirtualIP',
  metadata: { name: 'web' },
  spec: { interface: 'eth0', addresses: ['192.0.2.10/24'], virtualRouterID: 51, ...spec },
});
const secret = { namespace: 'net', name: 'vrrp', key: 'password' };
const read = (spec: Partial<VirtualIPSpec> = {}, node = 'a') =>
  readVirtualIP(virtualIP(spec), node, ({ key }) =>
    key === 'password' ? Buffer.from('sesame') : undefined,
  );

test('the least that can be said', () => {
  deepEqual(read(), {
    routers: [
      {
        name: 'web',
        family: 'IPv4',
        interface: 'eth0',
        vrid: 51,
        version: 3,
        priority: 100,
        adverIntervalMs: 1000,
        preempt: true,
        preemptDelayMs: 0,
        addresses: [{ address: '192.0.2.10', prefixLength: 24 }],
        excludedAddresses: [],
        sourceAddress: undefined,
        unicastPeers: undefined,
        password: undefined,
        checksum: 'pseudo-header',
        syncGroup: undefined,
        trackInterfaces: [],
        rivals: 'yield',
      },
    ],
    tracks: [],
    notify: undefined,
    problems: [],
  });
});

describe('what becomes of a field', () => {
  test('both families: a router each, the same ID', () => {
    const { routers } = read({ addresses: ['192.0.2.10', '2001:DB8::10'], version: 2 });
    deepEqual(
      routers.map(({ name, version, vrid, addresses }) => [name, version, vrid, addresses]),
      [
        ['web/IPv4', 2, 51, [{ address: '192.0.2.10', prefixLength: 32 }]],
        ['web/IPv6', 3, 51, [{ address: '2001:db8::10', prefixLength: 128 }]],
      ],
    );
  });
  test('a node has what is its own', () => {
    const nodes = [
      { name: 'a', priority: 200, interface: 'eth1', sourceAddress: '192.0.2.1' },
      { name: 'b' },
    ];
    const unicastPeers = ['192.0.2.1', '192.0.2.2'];
    const of = (node: string) => read({ nodes, unicastPeers }, node).routers[0];
    deepEqual(
      [of('a')?.priority, of('a')?.interface, of('a')?.sourceAddress, of('a')?.unicastPeers],
      [200, 'eth1', '192.0.2.1', ['192.0.2.2']],
    );
    deepEqual([of('b')?.priority, of('b')?.interface], [100, 'eth0']);
    equal(of('c'), undefined);
  });
  test('the password comes from a Secret, cut and padded to eight bytes', () => {
    const { routers } = read({ version: 2, passwordSecretRef: secret });
    deepEqual(routers[0]?.password, new Uint8Array(Buffer.from('sesame\0\0')));
  });
  test('trackers: interfaces go to the speaker, the others do not', () => {
    const { routers, tracks } = read({
      track: [
        { interface: 'eth1', weight: -50 },
        { service: 'shop/web' },
        { plane: 'Ingress' },
        { file: '/run/vip', weight: -2 },
        { script: { command: ['/bin/true'], interval: '2s', fall: 3 }, weight: 10 },
      ],
    });
    deepEqual(routers[0]?.trackInterfaces, [{ name: 'eth1', weight: -50 }]);
    deepEqual(tracks, [
      { kind: 'service', service: 'shop/web', weight: 0 },
      { kind: 'plane', plane: 'Ingress', weight: 0 },
      { kind: 'file', file: '/run/vip', weight: -2 },
      {
        kind: 'script',
        script: { command: ['/bin/true'], intervalMs: 2000, timeoutMs: 2000, fall: 3, rise: 1 },
        weight: 10,
      },
    ]);
  });
});

test('a witness is read where there can be one, and what is wrong with it is said', () => {
  const withWitness = (witness: object, more: object = {}) =>
    readVirtualIP(
      virtualIP({ witness: { prefer: 'Availability', ...witness }, ...more }),
      'a',
      () => undefined,
      true,
    );
  deepEqual(withWitness({}).routers[0]?.witness, { leaseDurationMs: 3000, prefer: 'availability' });
  const fieldOf = (witness: object, more: object = {}) =>
    withWitness(witness, more).problems.map(({ object }) => object?.field);
  deepEqual(fieldOf({ prefer: 'Speed' }), ['spec.witness.prefer']);
  deepEqual(fieldOf({ leaseDuration: '500ms' }), ['spec.witness.leaseDuration']);
  deepEqual(fieldOf({}, { syncGroup: 'g' }), ['spec.witness']);
});

const wrong: readonly (readonly [spec: Partial<VirtualIPSpec>, field: string])[] = [
  [{ virtualRouterID: 0 }, 'spec.virtualRouterID'],
  [{ virtualRouterID: 256 }, 'spec.virtualRouterID'],
  [{ version: 4 }, 'spec.version'],
  [{ priority: 0 }, 'spec.priority'],
  [{ nodes: [{ name: 'a', priority: 256 }] }, 'spec.nodes[].priority'],
  [{ addresses: [] }, 'spec.addresses'],
  [{ addresses: ['192.0.2.1', '192.0.2'] }, 'spec.addresses[1]'],
  [{ addresses: ['192.0.2.1/33'] }, 'spec.addresses[0]'],
  [{ addresses: ['192.0.2.1/x'] }, 'spec.addresses[0]'],
  [{ addresses: ['192.0.2.1/24/8'] }, 'spec.addresses[0]'],
  [{ excludedAddresses: ['eth0'] }, 'spec.excludedAddresses[0]'],
  [{ advertInterval: '5ms' }, 'spec.advertInterval'],
  [{ advertInterval: '15ms' }, 'spec.advertInterval'],
  [{ advertInterval: '41s' }, 'spec.advertInterval'],
  [{ advertInterval: 'fast' }, 'spec.advertInterval'],
  [{ version: 2, advertInterval: '1500ms' }, 'spec.advertInterval'],
  [{ preemptDelay: '1001s' }, 'spec.preemptDelay'],
  [{ passwordSecretRef: secret }, 'spec.passwordSecretRef'],
  [{ version: 2, passwordSecretRef: { ...secret, key: 'none' } }, 'spec.passwordSecretRef'],
  [{ track: [{}] }, 'spec.track[0]'],
  [{ track: [{ interface: 'a', service: 'b/c' }] }, 'spec.track[0]'],
  [{ witness: { prefer: 'Consistency' } }, 'spec.witness'],
  [{ track: [{ plane: 'Web' as 'L4' }] }, 'spec.track[0].plane'],
  [{ track: [{ file: 'vip' }] }, 'spec.track[0].file'],
  [{ track: [{ interface: 'a', weight: 254 }] }, 'spec.track[0].weight'],
  [{ track: [{ script: { command: [] } }] }, 'spec.track[0].script.command'],
  [{ track: [{ script: { command: ['x'], interval: '1' } }] }, 'spec.track[0].script.interval'],
];
for (const [spec, field] of wrong) {
  test(`${JSON.stringify(spec)}: a problem at ${field}, and no router`, () => {
    const { routers, problems } = read(spec);
    deepEqual(routers, []);
    deepEqual(
      problems.map((problem) => problem.object?.field),
      [field],
    );
  });
}
