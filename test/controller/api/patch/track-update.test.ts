import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { publishedType } from '../../../../controller/api/openapi/published-type.ts';
import {
  type FieldWriter,
  type JsonObject,
  managerOf,
  trackUpdate,
} from '../../../../controller/api/patch/index.ts';
import { metadataOf, withField } from '../../../../controller/api/patch/json.ts';

function writer(manager: string, now = '2026-01-01T00:00:00Z'): FieldWriter {
  const schema = publishedType('v1', 'ConfigMap');
  ok(schema);
  return { manager, apiVersion: 'v1', subresource: '', now, schema, reset: [] };
}

const configMap = (data: object, managedFields?: unknown): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', uid: 'u', ...(managedFields === undefined ? {} : { managedFields }) },
  data,
});

const owners = (object: JsonObject): unknown => metadataOf(object)['managedFields'];
const fields = (object: JsonObject): unknown =>
  (owners(object) as readonly JsonObject[]).map((entry) => [entry['manager'], entry['fieldsV1']]);

test('who creates owns everything but what the server keeps', () => {
  const made = trackUpdate(undefined, configMap({ a: '1' }), writer('a'));
  deepEqual(fields(made), [['a', { 'f:data': { '.': {}, 'f:a': {} } }]]);
});

test('who changes a field owns it from then on', () => {
  const made = trackUpdate(undefined, configMap({ a: '1', b: '2' }), writer('a'));
  const next = trackUpdate(made, { ...made, data: { a: '9', c: '3' } }, writer('b'));
  deepEqual(fields(next), [
    ['a', { 'f:data': {} }],
    ['b', { 'f:data': { 'f:a': {}, 'f:c': {} } }],
  ]);
});

test('an update that changes nothing changes no owner and no time', () => {
  const made = trackUpdate(undefined, configMap({ a: '1' }), writer('a'));
  const again = trackUpdate(made, configMap({ a: '1' }), writer('b', '2027-01-01T00:00:00Z'));
  deepEqual(again, made);
});

test('clients may move owners, and forget them', () => {
  const made = trackUpdate(undefined, configMap({ a: '1' }), writer('a'));
  const entry = (owners(made) as readonly JsonObject[])[0];
  const moved = trackUpdate(
    made,
    configMap({ a: '1' }, [{ ...entry, manager: 'b', operation: 'Apply' }]),
    writer('x'),
  );
  deepEqual(fields(moved), [['b', { 'f:data': { '.': {}, 'f:a': {} } }]]);
  equal(owners(trackUpdate(made, configMap({ a: '1' }, [{}]), writer('x'))), undefined);
});

test('objects without owners stay without', () => {
  equal(owners(trackUpdate(configMap({ a: '1' }), configMap({ a: '2' }), writer('a'))), undefined);
});

test('an update that sends no owners keeps them', () => {
  const made = trackUpdate(undefined, configMap({ a: '1' }), writer('a'));
  deepEqual(trackUpdate(made, configMap({ a: '1' }, []), writer('b')), made);
});

test('the oldest of many updaters become one', () => {
  let live = trackUpdate(undefined, configMap({ k0: '' }), writer('w0', '2026-01-01T00:00:00Z'));
  for (let index = 1; index < 14; index += 1) {
    const at = `2026-01-01T00:00:${String(index).padStart(2, '0')}Z`;
    const data = withField(live['data'] as JsonObject, `k${index}`, '');
    live = trackUpdate(live, { ...live, data }, writer(`w${index}`, at));
  }
  const names = (owners(live) as readonly JsonObject[]).map((entry) => entry['manager']);
  equal(names.length, 10);
  deepEqual(names[0], 'ancient-changes');
});

const malformed: readonly (readonly [string, unknown])[] = [
  ['no list', 'x'],
  ['no object', ['x']],
  ['another operation', [{ manager: 'a', operation: 'Patch', fieldsType: 'FieldsV1' }]],
  ['another type of fields', [{ manager: 'a', operation: 'Apply', fieldsType: 'FieldsV2' }]],
  [
    'a path that is none',
    [{ manager: 'a', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: { spec: {} } }],
  ],
];
for (const [name, managedFields] of malformed) {
  test(`refuses managedFields with ${name}`, () => {
    throws(() => trackUpdate(undefined, configMap({}, managedFields), writer('a')), {
      code: 'BadRequest',
    });
  });
}

test('clients that say no name are called by their program', () => {
  equal(managerOf('kubectl/v1.32.4 (linux/amd64) kubernetes/abc'), 'kubectl');
  equal(managerOf(undefined), 'unknown');
  equal(managerOf('\u0000/1'), 'unknown');
});
