import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkDefinition,
  definitionStatus,
  isEstablished,
  readDefinition,
} from '../../../../controller/api/crd/index.ts';
import type { JsonObject } from '../../../../controller/api/patch/index.ts';
import { formatPath } from '../../../../controller/schema/index.ts';

const now = '2026-01-01T00:00:00Z';
const openAPIV3Schema = {
  type: 'object',
  properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } },
};
const version = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } };
const names = { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] };

const definition = (spec: object = {}, name = 'widgets.example.com'): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name },
  spec: { group: 'example.com', scope: 'Namespaced', names, versions: [version], ...spec },
});

const withSchema = (schema: object): JsonObject =>
  definition({ versions: [{ ...version, schema: { openAPIV3Schema: schema } }] });
const withField = (field: object): JsonObject =>
  withSchema({ type: 'object', properties: { f: field } });

const schemaPath = 'spec.versions[0].schema.openAPIV3Schema';

const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['a good one', definition(), []],
  ['another name', definition({}, 'gadgets.example.com'), ['metadata.name']],
  ['a group without dot', definition({ group: 'example' }, 'widgets.example'), ['spec.group']],
  [
    'a built-in group',
    definition({ group: 'networking.k8s.io' }, 'widgets.networking.k8s.io'),
    ['spec.group'],
  ],
  [
    'a kind that is no name',
    definition({ names: { ...names, kind: 'Wid get' } }),
    ['spec.names.singular', 'spec.names.kind', 'spec.names.listKind'],
  ],
  ['no versions', definition({ versions: [] }), ['spec.versions']],
  [
    'no storage version',
    definition({ versions: [{ ...version, storage: false }] }),
    ['spec.versions'],
  ],
  [
    'a version twice',
    definition({ versions: [version, { ...version, storage: false }] }),
    ['spec.versions'],
  ],
  [
    'conversion by webhook',
    definition({ conversion: { strategy: 'Webhook' } }),
    ['spec.conversion.strategy'],
  ],
  ['no schema', definition({ versions: [{ ...version, schema: {} }] }), [schemaPath]],
  ['a root that is no object', withSchema({ type: 'string' }), [`${schemaPath}.type`]],
  ['a field without type', withField({}), [`${schemaPath}.properties.f.type`]],
  ['an open field', withField({ 'x-kubernetes-preserve-unknown-fields': true }), []],
  ['a list without items', withField({ type: 'array' }), [`${schemaPath}.properties.f.items`]],
  ['a reference', withField({ type: 'object', $ref: '#/a' }), [`${schemaPath}.properties.f.$ref`]],
  [
    'a pattern that is none',
    withField({ type: 'string', pattern: '(' }),
    [`${schemaPath}.properties.f.pattern`],
  ],
  [
    'look-ahead',
    withField({ type: 'string', pattern: '(?=a)' }),
    [`${schemaPath}.properties.f.pattern`],
  ],
  [
    'a type below anyOf',
    withField({ type: 'integer', anyOf: [{ type: 'integer' }] }),
    [`${schemaPath}.properties.f.anyOf[0].type`],
  ],
  [
    'int-or-string as upstream writes it',
    withField({
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    }),
    [],
  ],
  [
    'a default that does not fit',
    withField({ type: 'integer', default: 'a' }),
    [`${schemaPath}.properties.f.default`],
  ],
  [
    'a default with unknown fields',
    withField({ type: 'object', default: { x: 1 } }),
    [`${schemaPath}.properties.f.default`],
  ],
  [
    'a map list without keys',
    withField({ type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' }),
    [`${schemaPath}.properties.f.x-kubernetes-list-map-keys`],
  ],
  [
    'a column without path',
    definition({
      versions: [
        { ...version, additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec' }] },
      ],
    }),
    ['spec.versions[0].additionalPrinterColumns[0].jsonPath'],
  ],
  [
    'a scale elsewhere',
    definition({
      versions: [
        {
          ...version,
          subresources: { scale: { specReplicasPath: '.a', statusReplicasPath: '.status.b' } },
        },
      ],
    }),
    ['spec.versions[0].subresources.scale.specReplicasPath'],
  ],
];

for (const [name, object, expected] of cases) {
  test(`${name}: ${expected.length === 0 ? 'taken' : `refused at ${expected[0]}`}`, () => {
    deepEqual(
      checkDefinition(object, undefined).map(({ path }) => formatPath(path)),
      expected,
    );
  });
}

test('what objects depend on does not change', () => {
  const changed = definition({ scope: 'Cluster', names: { ...names, kind: 'Gadget' } });
  const paths = checkDefinition(changed, definition()).map(({ path }) => formatPath(path));
  deepEqual(paths, ['spec.scope', 'spec.names.kind']);
});

test('reads what is served', () => {
  const { versions, names: read } = readDefinition(
    definition({ versions: [{ ...version, subresources: { status: {} } }] }),
  );
  equal(read.singular, 'widget');
  equal(read.listKind, 'WidgetList');
  equal(versions[0]?.hasStatus, true);
  deepEqual(versions[0]?.openAPIV3Schema, openAPIV3Schema);
});

test('accepts names that are free, and keeps the time of the change', () => {
  const status = definitionStatus(definition(), [], now);
  const established = { ...definition(), status };
  ok(isEstablished(established));
  ok(!isEstablished(definition()));
  deepEqual(status['storedVersions'], ['v1']);
  deepEqual(definitionStatus(established, [], '2027-01-01T00:00:00Z'), status);
});

test('refuses names that are taken', () => {
  const taken = { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', shortNames: ['wd'] };
  const status = definitionStatus(definition(), [taken], now);
  ok(!isEstablished({ status }));
  ok(JSON.stringify(status).includes('\\"wd\\" is already in use'));
});
