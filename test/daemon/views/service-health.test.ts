import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { EndpointConditions, ServiceBundle } from '../../../controller/objects/index.ts';
import { endpointsOf, endpointText } from '../../../daemon/views/service-endpoints.ts';

type Row = readonly [conditions: EndpointConditions, healthy: boolean | undefined];

const cases: readonly (readonly [name: string, endpoints: readonly Row[], shown: string])[] = [
  ['no endpoint', [], 'Empty 0/0'],
  [
    'all ready',
    [
      [{}, undefined],
      [{ ready: true }, true],
    ],
    'Healthy 2/2',
  ],
  [
    'one fails its check',
    [
      [{}, true],
      [{}, false],
    ],
    'Degraded 1/2',
  ],
  [
    'one is not ready',
    [
      [{}, true],
      [{ ready: false }, true],
    ],
    'Degraded 1/2',
  ],
  ['none is ready', [[{ ready: false }, undefined]], 'Down 0/1'],
  [
    'every check fails',
    [
      [{}, false],
      [{}, false],
    ],
    'Panic 2/2',
  ],
];
for (const [name, endpoints, shown] of cases) {
  test(`health when ${name}: ${shown}`, () => {
    const { health, readyCount, totalCount } = endpointsOf(bundle(endpoints));
    deepEqual(`${health} ${readyCount}/${totalCount}`, shown);
  });
}

test('an endpoint stands once for each port, and for every port when the slice names none', () => {
  const made = bundle([[{}, undefined]]);
  const [slice] = made.slices;
  const ports = [{ name: 'a', port: 1 }, { name: 'b' }];
  const several = { ...made, slices: slice ? [{ ...slice, ports }] : [] };
  deepEqual(endpointsOf(several).shown.map(endpointText), ['10.0.0.0:1', '10.0.0.0:*']);
  const open = { ...made, slices: slice ? [{ ...slice, ports: [] }] : [] };
  deepEqual(endpointsOf(open).shown.map(endpointText), ['10.0.0.0:*']);
});

function bundle(rows: readonly Row[]): ServiceBundle {
  const metadata = { name: 'web', namespace: 'default' };
  return {
    service: { apiVersion: 'v1', kind: 'Service', metadata },
    slices: [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata,
        addressType: 'IPv4',
        ports: [{ port: 80 }],
        endpoints: rows.map(([conditions], index) => ({
          addresses: [`10.0.0.${index}`],
          conditions,
        })),
      },
    ],
    health: {
      apiVersion: 'portolan.dev/v1alpha1',
      kind: 'EndpointHealth',
      metadata,
      status: {
        endpoints: rows.flatMap(([, healthy], index) =>
          healthy === undefined
            ? []
            : [{ address: `10.0.0.${index}`, port: 80, healthy, lastTransitionTime: '' }],
        ),
      },
    },
  };
}
