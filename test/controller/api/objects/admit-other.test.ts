import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { admitOther } from '../../../../controller/api/objects/admit-other.ts';
import { mergeTypeOf } from '../../../../controller/api/objects/field-manager.ts';
import { builtinResources } from '../../../../controller/api/resources/builtin.ts';
import { customResourcesOf } from '../../../../controller/api/resources/custom.ts';
import type { ApiResource } from '../../../../controller/api/resources/resource.ts';
import type { KubeObject } from '../../../../controller/objects/index.ts';
import { schemaFile } from '../../../../controller/schema/schema-file.ts';
import { formatPath } from '../../../../controller/schema/index.ts';

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer', default: 3, maximum: 9 } },
    },
  },
};
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
};

function resourceOf(kind: string): ApiResource {
  const found = [...builtinResources, ...customResourcesOf(definition)].find(
    (one) => one.kind === kind,
  );
  if (!found) throw new Error(`nothing serves ${kind}`);
  return found;
}

const object = (kind: string, rest: object, name = 'a'): KubeObject => {
  const { group, version } = resourceOf(kind);
  const apiVersion = group === '' ? version : `${group}/${version}`;
  return { apiVersion, kind, metadata: { name }, ...rest };
};

const cases: readonly (readonly [string, KubeObject, readonly string[]])[] = [
  ['a good custom object', object('Widget', { spec: { size: 1 } }), []],
  [
    'a custom object that breaks its schema',
    object('Widget', { spec: { size: 10 } }),
    ['error spec.size'],
  ],
  [
    'unknown fields of a custom object',
    object('Widget', { spec: { colour: 'red' } }),
    ['warning spec.colour'],
  ],
  ['a good Role', object('Role', { rules: [] }, 'system:node'), []],
  [
    'unknown fields of a published kind',
    object('ServiceAccount', { secret: [] }),
    ['warning secret'],
  ],
  [
    'a published kind that lacks a field',
    object('Deployment', { spec: { selector: {} } }),
    ['error spec.template'],
  ],
  ['a name that is none', object('ServiceAccount', {}, 'A_b'), ['error metadata.name']],
  ['a definition', definition, []],
  [
    'a definition of another name',
    { ...definition, metadata: { name: 'x.example.com' } },
    ['error metadata.name'],
  ],
];

for (const [name, value, expected] of cases) {
  test(`${name}: ${expected.length === 0 ? 'taken' : expected.join()}`, () => {
    const { issues } = admitOther(resourceOf(value.kind), value, undefined);
    deepEqual(
      issues.map(({ severity, path }) => `${severity} ${formatPath(path)}`),
      expected,
    );
  });
}

test('custom objects are stored with defaults and without what is unknown', () => {
  const given = object('Widget', { spec: { colour: 'red' }, status: 1 });
  deepEqual(admitOther(resourceOf('Widget'), given, undefined).object, {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: { size: 3 },
  });
});

test('what a definition must not change is compared with what it was', () => {
  const moved = { ...definition, spec: { ...definition.spec, scope: 'Cluster' } };
  const { issues } = admitOther(resourceOf('CustomResourceDefinition'), moved, definition);
  deepEqual(
    issues.map(({ path }) => formatPath(path)),
    ['spec.scope'],
  );
});

test('every kind that is stored has a schema, and merges by it', () => {
  for (const resource of builtinResources.filter(({ review }) => review === undefined)) {
    equal(Object.hasOwn(schemaFile.kinds, resource.type), true, resource.type);
    equal(mergeTypeOf(resource).kind, 'struct');
  }
  equal(mergeTypeOf(resourceOf('Widget')).kind, 'struct');
});
