import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type EndpointConditions,
  type EndpointSlice,
  judgeEndpoints,
  type ServiceBundle,
} from '../../../controller/objects/index.ts';

/** Endpoints 10.0.0.1, 10.0.0.2 … with these conditions; those in `failing` fail their check. */
function bundle(
  conditions: readonly (EndpointConditions | undefined)[],
  failing: readonly number[] | undefined,
): ServiceBundle {
  const metadata = { namespace: 'web', name: 'shop' };
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: conditions.map((one, place) => ({
      addresses: [`10.0.0.${place + 1}`, '10.9.9.9'],
      ...(one && { conditions: one }),
    })),
    ports: [{ port: 80 }, { name: 'second', port: 81 }],
  };
  const endpoints = conditions.map((_, place) => ({
    address: `10.0.0.${place + 1}`,
    port: 80,
    healthy: !failing?.includes(place + 1),
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
  const apiVersion = 'portolan.dev/v1alpha1';
  return {
    service: { apiVersion: 'v1', kind: 'Service', metadata },
    slices: [slice],
    health: failing && { apiVersion, kind: 'EndpointHealth', metadata, status: { endpoints } },
  };
}

const terminating: EndpointConditions = { ready: false, serving: true, terminating: true };
const unready: EndpointConditions = { ready: false };

const cases: readonly (readonly [
  why: string,
  conditions: readonly (EndpointConditions | undefined)[],
  failing: readonly number[] | undefined,
  ready: readonly number[],
  serving: readonly number[],
  panic: boolean,
])[] = [
  ['absent conditions: ready and serving', [undefined], undefined, [1], [1], false],
  ['an empty object says the same', [{}], undefined, [1], [1], false],
  ['not ready', [unready], undefined, [], [1], false],
  ['terminating', [terminating], undefined, [], [1], false],
  ['healthy all', [{}, {}], [], [1, 2], [1, 2], false],
  ['a failing one is neither ready nor serving', [{}, {}], [1], [2], [2], false],
  ['all failing: checks are disregarded', [{}, {}], [1, 2], [1, 2], [1, 2], true],
  ['an unready one does not hinder that', [{}, unready], [1, 2], [1], [1, 2], true],
  ['none listed as ready: no panic', [terminating], [1], [], [], false],
];

suite('judgeEndpoints', () => {
  for (const [why, conditions, failing, ready, serving, panic] of cases) {
    test(why, () => {
      const judged = judgeEndpoints(bundle(conditions, failing));
      const places = (of: 'ready' | 'serving'): readonly number[] =>
        judged.endpoints.flatMap((one, place) => (one[of] ? place + 1 : []));
      deepEqual(places('ready'), ready);
      deepEqual(places('serving'), serving);
      equal(judged.panic, panic);
    });
  }

  test('health is unknown where no check ran', () => {
    const [endpoint] = judgeEndpoints(bundle([{}], undefined)).endpoints;
    equal(endpoint?.healthy, undefined);
  });

  test('the first address alone, and none of FQDN slices', () => {
    const one = bundle([{}], undefined);
    const [slice] = one.slices;
    const fqdn = slice ? [{ ...slice, addressType: 'FQDN' as const }] : [];
    const { endpoints } = judgeEndpoints({ ...one, slices: [...one.slices, ...fqdn] });
    deepEqual(
      endpoints.map(({ address }) => address),
      ['10.0.0.1'],
    );
  });
});
