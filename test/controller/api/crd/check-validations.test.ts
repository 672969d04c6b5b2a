import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkDefinition,
  customKind,
  definitionStatus,
} from '../../../../controller/api/crd/index.ts';
import { formatPath } from '../../../../controller/schema/index.ts';

const rule = (text: string, message?: string): object => ({
  'x-kubernetes-validations': [{ rule: text, ...(message === undefined ? {} : { message }) }],
});

const integer = { type: 'integer' };
const listOfMaps = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['n'],
  items: {
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'string' }, v: { ...integer, ...rule('self >= oldSelf') } },
  },
};
const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      ...rule('self.min <= self.max', 'min must not be above max'),
      properties: {
        min: integer,
        max: integer,
        fixed: { type: 'string', ...rule('self == oldSelf', 'is immutable') },
        list: listOfMaps,
        map: { type: 'object', additionalProperties: { ...integer, ...rule('self > 0') } },
      },
    },
  },
};
const kind = customKind(schema);

const cases: readonly (readonly [string, object, object | undefined, readonly string[]])[] = [
  ['what holds', { min: 1, max: 2 }, undefined, []],
  ['what does not', { min: 3, max: 2 }, undefined, ['spec: min must not be above max']],
  [
    'what cannot be asked',
    { min: 3 },
    undefined,
    ['spec: min must not be above max (no such key: max)'],
  ],
  ['a create, about a change', { min: 1, max: 2, fixed: 'a' }, undefined, []],
  ['an update that changes nothing', { min: 1, max: 2, fixed: 'a' }, { fixed: 'a' }, []],
  [
    'an update that does',
    { min: 1, max: 2, fixed: 'b' },
    { fixed: 'a' },
    ['spec.fixed: is immutable'],
  ],
  [
    'elements, by their key',
    {
      min: 1,
      max: 2,
      list: [
        { n: 'b', v: 1 },
        { n: 'a', v: 1 },
      ],
    },
    {
      list: [
        { n: 'a', v: 2 },
        { n: 'b', v: 1 },
      ],
    },
    ['spec.list[1].v: failed rule: self >= oldSelf'],
  ],
  [
    'values of maps',
    { min: 1, max: 2, map: { a: 0 } },
    undefined,
    ['spec.map.a: failed rule: self > 0'],
  ],
  [
    'only what fits otherwise',
    { min: 'x', max: 2, map: { a: 0 } },
    undefined,
    ['spec.min: must be a whole number, not the text "x"'],
  ],
];

for (const [name, spec, previous, expected] of cases) {
  test(`rules: ${name}`, () => {
    const { issues } = kind.admit(
      { spec },
      previous === undefined ? undefined : { spec: previous },
    );
    deepEqual(
      issues.map(({ path, message }) => `${formatPath(path)}: ${message}`),
      expected,
    );
  });
}

test('a rule that takes too long refuses, in bounded time', () => {
  const list = { type: 'array', items: integer };
  const all = 'self.v.all(a, self.v.all(b, self.v.all(c, a + b + c < 0 || true)))';
  const slow = customKind({ type: 'object', ...rule(all), properties: { v: list } });
  const { issues } = slow.admit({ v: Array.from({ length: 1000 }, () => 1) });
  ok(issues[0]?.message.includes('takes too long'));
});

const definition = (field: object): Record<string, unknown> => ({
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { f: field } } },
      },
    ],
  },
});

test('what is no CEL is refused, what is not evaluated is said', () => {
  const wrong = definition({ ...integer, ...rule('self >') });
  deepEqual(
    checkDefinition(wrong, undefined).map(({ path }) => formatPath(path).split('.').at(-1)),
    ['rule'],
  );
  for (const [field, why] of [
    [{ ...integer, ...rule('self / 2 > 1') }, 'division'],
    [{ type: 'string', format: 'duration', ...rule('self == self') }, 'fields of format duration'],
  ] as const) {
    const unsupported = definition(field);
    deepEqual(checkDefinition(unsupported, undefined), []);
    const status = JSON.stringify(definitionStatus(unsupported, [], '2026-01-01T00:00:00Z'));
    ok(status.includes('RulesIgnored') && status.includes(why), status);
  }
});
