import { equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isKnownKind, kinds, objectKey } from '../../../controller/objects/index.ts';

const known = [
  ['v1', 'Service', true],
  ['discovery.k8s.io/v1', 'EndpointSlice', true],
  ['networking.k8s.io/v1', 'Ingress', true],
  ['networking.k8s.io/v1beta1', 'Ingress', false],
  ['apps/v1', 'Deployment', false],
  ['v1', 'toString', false],
  ['v1', '', false],
] as const;

suite('kinds', () => {
  for (const [apiVersion, name, expected] of known) {
    test(`${apiVersion} ${name}: ${expected}`, () =>
      equal(isKnownKind(apiVersion, name), expected));
  }

  test('no two kinds share a name by which people call them', () => {
    const names = Object.values(kinds).flatMap(({ plural, singular, shortNames }) => [
      ...new Set([plural, singular, ...shortNames]),
    ]);
    equal(new Set(names).size, names.length);
  });
});

test('objectKey leaves the namespace out where there is none', () => {
  equal(objectKey({ namespace: 'web', name: 'shop' }), 'web/shop');
  equal(objectKey({ namespace: '', name: 'node-1' }), 'node-1');
  equal(objectKey({ name: 'node-1' }), 'node-1');
});
