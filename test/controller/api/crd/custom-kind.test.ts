import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { customKind } from '../../../../controller/api/crd/index.ts';
import type { JsonObject } from '../../../../controller/api/patch/index.ts';
import { formatPath } from '../../../../controller/schema/index.ts';

/** A kind with one field, `v`. */
function kindOf(field: object): ReturnType<typeof customKind> {
  return customKind({ type: 'object', properties: { v: field } });
}

const admit = (field: object, v: unknown): ReturnType<ReturnType<typeof customKind>['admit']> =>
  kindOf(field).admit(v === undefined ? {} : { v });

const fits: readonly (readonly [
  name: string,
  field: object,
  good: readonly unknown[],
  bad: readonly unknown[],
])[] = [
  ['string', { type: 'string' }, ['', 'a'], [1, true, null, {}, []]],
  ['integer', { type: 'integer' }, [0, -1, 2 ** 40], [1.5, '1', null]],
  ['number', { type: 'number' }, [1.5, 0], ['1']],
  ['boolean', { type: 'boolean' }, [true, false], ['true', 1]],
  ['object', { type: 'object' }, [{}], [[], 'a']],
  ['list', { type: 'array', items: { type: 'string' } }, [[], ['a']], [{}, [1], 'a']],
  ['map', { type: 'object', additionalProperties: { type: 'integer' } }, [{ a: 1 }], [{ a: 'b' }]],
  ['free map', { type: 'object', additionalProperties: true }, [{ a: 1, b: [] }], ['a']],
  ['nullable', { type: 'string', nullable: true }, [null, 'a'], [1]],
  ['int-or-string', { 'x-kubernetes-int-or-string': true }, [1, '50%'], [1.5, true, null]],
  ['enum', { type: 'string', enum: ['a', 'b'] }, ['a'], ['c']],
  ['pattern', { type: 'string', pattern: '^a+$' }, ['aa'], ['b', 'ab']],
  ['RE2 anchors', { type: 'string', pattern: '\\Aa\\z' }, ['a'], ['ba']],
  ['minimum', { type: 'integer', minimum: 1 }, [1], [0]],
  ['exclusive maximum', { type: 'number', maximum: 1, exclusiveMaximum: true }, [0.9], [1]],
  ['multipleOf', { type: 'number', multipleOf: 0.1 }, [0.3, 2], [0.35]],
  ['lengths', { type: 'string', minLength: 1, maxLength: 2 }, ['a', '😀😀'], ['', 'abc']],
  [
    'counts',
    { type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 },
    [[1]],
    [[], [1, 2, 3]],
  ],
  [
    'field counts',
    { type: 'object', additionalProperties: true, maxProperties: 1 },
    [{ a: 1 }],
    [{ a: 1, b: 2 }],
  ],
  [
    'required',
    { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
    [{ a: '' }],
    [{}],
  ],
  ['allOf', { type: 'integer', allOf: [{ minimum: 1 }, { maximum: 3 }] }, [2], [0, 4]],
  ['anyOf', { type: 'integer', anyOf: [{ maximum: 1 }, { minimum: 5 }] }, [0, 6], [3]],
  [
    'oneOf',
    {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    [{ a: '' }, { b: '' }],
    [{}, { a: '', b: '' }],
  ],
  ['not', { type: 'string', not: { enum: ['x'] } }, ['a'], ['x']],
  [
    'set',
    { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    [['a', 'b']],
    [['a', 'a']],
  ],
  [
    'map list',
    {
      type: 'array',
      items: { type: 'object', required: ['n'], properties: { n: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['n'],
    },
    [[{ n: 'a' }, { n: 'b' }]],
    [[{ n: 'a' }, { n: 'a' }]],
  ],
  ['date-time', { type: 'string', format: 'date-time' }, ['2026-01-01T00:00:00Z'], ['2026-01-01']],
  ['ipv4', { type: 'string', format: 'ipv4' }, ['10.0.0.1'], ['::1', '10.0.0.256']],
  ['cidr', { type: 'string', format: 'cidr' }, ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33']],
  ['duration', { type: 'string', format: 'duration' }, ['1h30m', '0', '2.5s'], ['1', 'h']],
  ['uuid', { type: 'string', format: 'uuid' }, ['123e4567-e89b-12d3-a456-426614174000'], ['x']],
  ['unknown format', { type: 'string', format: 'colour' }, ['anything'], [1]],
];

for (const [name, field, good, bad] of fits) {
  test(`${name}: takes what fits`, () => {
    for (const value of good) deepEqual(admit(field, value).issues, [], JSON.stringify(value));
  });
  test(`${name}: refuses the rest, and says where`, () => {
    for (const value of bad) {
      const { issues } = admit(field, value);
      ok(issues.length > 0, JSON.stringify(value));
      match(formatPath(issues[0]?.path ?? []), /^v/);
    }
  });
}

test('drops what is not declared, and says where', () => {
  const kind = customKind({
    type: 'object',
    properties: {
      spec: { type: 'object', properties: { a: { type: 'integer' } } },
      free: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { in: { type: 'object' } },
      },
      list: { type: 'array', items: { type: 'object' } },
    },
  });
  const object: JsonObject = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'w', labels: { a: 'b' } },
    spec: { a: 1, b: 2 },
    free: { x: 1, in: { y: 1 } },
    list: [{ z: 1 }],
    other: 1,
  };
  const { object: admitted, unknown, issues } = kind.admit(object);
  deepEqual(unknown.map(formatPath), ['spec.b', 'free.in.y', 'list[0].z', 'other']);
  deepEqual(admitted['spec'], { a: 1 });
  deepEqual(admitted['free'], { x: 1, in: {} });
  deepEqual(admitted['metadata'], object['metadata']);
  deepEqual(issues, []);
});

test('fills in defaults, inside defaults, too', () => {
  const spec = {
    type: 'object',
    default: {},
    properties: {
      size: { type: 'integer', default: 3 },
      name: { type: 'string', nullable: true, default: 'x' },
    },
  };
  deepEqual(admit(spec, undefined).object, { v: { size: 3, name: 'x' } });
  deepEqual(admit(spec, { size: null, name: null }).object, { v: { size: 3, name: null } });
  const list = { type: 'array', items: spec };
  deepEqual(admit(list, [{ size: 1 }]).object, { v: [{ size: 1, name: 'x' }] });
});

test('merges as its schema says', () => {
  const { type } = kindOf({
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['n'],
    items: {
      type: 'object',
      properties: {
        n: { type: 'string' },
        m: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
  });
  ok(type.kind === 'struct');
  const list = type.field('v');
  ok(list?.kind === 'list');
  equal(list.list, 'map');
  deepEqual(list.keys, [{ name: 'n' }]);
  const element = list.element();
  equal(element.kind === 'struct' && element.field('m')?.kind, 'map');
  equal(type.field('metadata')?.kind, 'struct');
});

test('a pattern that backtracks without end does not', { timeout: 10_000 }, () => {
  const { issues } = admit({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(40)}!`);
  equal(issues.length, 1);
});
