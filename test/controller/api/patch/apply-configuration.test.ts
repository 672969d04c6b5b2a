import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { publishedType } from '../../../../controller/api/openapi/published-type.ts';
import {
  applyConfiguration,
  type FieldWriter,
  type JsonObject,
  trackUpdate,
} from '../../../../controller/api/patch/index.ts';
import { metadataOf } from '../../../../controller/api/patch/json.ts';

const earlier = '2026-01-01T00:00:00Z';
const later = '2026-01-01T00:00:09Z';

function writer(manager: string, kind: string, more: Partial<FieldWriter> = {}): FieldWriter {
  const apiVersion = kind === 'Ingress' ? 'networking.k8s.io/v1' : 'v1';
  const schema = publishedType(apiVersion, kind);
  ok(schema);
  return { manager, apiVersion, subresource: '', now: earlier, schema, reset: ['status'], ...more };
}

const service = (spec: object, metadata: object = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec,
});
const configMap = (data: object, metadata: object = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'default', ...metadata },
  data,
});

const apply = (
  live: JsonObject | undefined,
  applied: JsonObject,
  manager: string,
  force = false,
): JsonObject =>
  applyConfiguration(live, applied, writer(manager, String(applied['kind'])), { force });

/** The object without its owners. */
function content(object: JsonObject): JsonObject {
  const { managedFields: _owners, ...metadata } = metadataOf(object);
  return { ...object, metadata };
}

const ownersOf = (object: JsonObject): unknown => metadataOf(object)['managedFields'];

test('creates, and owns what it states', () => {
  const applied = service({ selector: { app: 'a' }, ports: [{ port: 80, name: 'http' }] });
  const made = apply(undefined, applied, 'kubectl');
  deepEqual(content(made), applied);
  deepEqual(ownersOf(made), [
    {
      manager: 'kubectl',
      operation: 'Apply',
      apiVersion: 'v1',
      time: earlier,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} } },
          'f:selector': {},
        },
      },
    },
  ]);
});

test('changes nothing the second time, not even the time', () => {
  const applied = service({ ports: [{ port: 80 }] }, { labels: { a: 'b' } });
  const made = apply(undefined, applied, 'kubectl');
  const again = applyConfiguration(made, applied, writer('kubectl', 'Service', { now: later }), {
    force: false,
  });
  equal(again, made);
});

test('removes what is applied no more', () => {
  const first = apply(undefined, configMap({ a: '1', b: '2' }, { labels: { x: 'y' } }), 'me');
  const second = apply(first, configMap({ b: '2' }), 'me');
  deepEqual(content(second), configMap({ b: '2' }));
});

test('removes list elements that are applied no more, and the list with the last', () => {
  const two = service({ type: 'ClusterIP', ports: [{ port: 80 }, { port: 443 }] });
  const one = service({ type: 'ClusterIP', ports: [{ port: 443 }] });
  const live = apply(undefined, two, 'me');
  deepEqual(content(apply(live, one, 'me')), one);
  const none = service({ type: 'ClusterIP' });
  deepEqual(content(apply(live, none, 'me')), none);
});

test('keeps what another manager owns, too', () => {
  const mine = apply(undefined, configMap({ a: '1', b: '2' }), 'me');
  const shared = apply(mine, configMap({ a: '1' }), 'you');
  const left = apply(shared, configMap({ b: '2' }), 'me');
  deepEqual(content(left), configMap({ a: '1', b: '2' }));
  deepEqual(content(apply(left, configMap({}), 'you')), configMap({ b: '2' }));
});

test('keeps what nobody applied beside what goes, not inside', () => {
  const mine = apply(undefined, service({ ports: [{ port: 80, name: 'a' }] }), 'me');
  const defaulted: JsonObject = {
    ...mine,
    spec: { clusterIP: '10.0.0.1', ports: [{ port: 80, name: 'a', protocol: 'TCP' }] },
  };
  const left = apply(defaulted, service({ type: 'ClusterIP' }), 'me');
  deepEqual(content(left)['spec'], { clusterIP: '10.0.0.1', type: 'ClusterIP' });
});

test('refuses what another owns, names it, and takes it by force', () => {
  const mine = apply(undefined, configMap({ a: '1' }), 'me');
  throws(() => apply(mine, configMap({ a: '2' }), 'you'), {
    code: 'Conflict',
    status: 409,
    message: 'Apply failed with 1 conflict: conflict with "me": .data.a',
    causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "me"', field: '.data.a' }],
  });
  const forced = apply(mine, configMap({ a: '2' }), 'you', true);
  deepEqual(content(forced), configMap({ a: '2' }));
  deepEqual(JSON.stringify(ownersOf(forced)).match(/"manager":"\w+"/g), ['"manager":"you"']);
});

test('lists several conflicts by their owner', () => {
  const made = trackUpdate(undefined, configMap({ a: '1', b: '2' }), writer('edit', 'ConfigMap'));
  throws(() => apply(made, configMap({ a: '2', b: '3' }), 'you'), {
    message: 'Apply failed with 2 conflicts: conflicts with "edit" using v1:\n- .data.a\n- .data.b',
  });
});

test('the same value is shared without conflict', () => {
  const mine = apply(undefined, configMap({ a: '1' }), 'me');
  const shared = apply(mine, configMap({ a: '1' }), 'you');
  deepEqual(JSON.stringify(ownersOf(shared)).match(/"manager":"\w+"/g), [
    '"manager":"me"',
    '"manager":"you"',
  ]);
});

test('an object without owners has them as before-first-apply', () => {
  throws(() => apply(configMap({ a: '1' }), configMap({ a: '2' }), 'you'), {
    message: 'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
  });
});

test('takes over from client-side apply what nobody changed since', () => {
  const configuration = configMap({ a: '1', b: '2' });
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const made = trackUpdate(
    undefined,
    configMap({ a: '1', b: '2' }, { annotations: { [annotation]: JSON.stringify(configuration) } }),
    writer('kubectl-client-side-apply', 'ConfigMap'),
  );
  const applied = apply(made, configMap({ a: '9', b: '2' }), 'kubectl');
  deepEqual(content(applied)['data'], { a: '9', b: '2' });
  const kept = metadataOf(applied)['annotations'];
  ok(JSON.stringify(kept).includes('\\"a\\":\\"9\\"'));
  throws(() => apply(made, configMap({ a: '9' }), 'argo'), { code: 'Conflict' });

  const edited = trackUpdate(
    made,
    { ...made, data: { a: '5', b: '2' } },
    writer('kubectl-edit', 'ConfigMap'),
  );
  throws(() => apply(edited, configMap({ a: '9' }), 'kubectl'), /kubectl-edit.*\.data\.a/);
});

test('orders elements as applied, others where they stood', () => {
  const container = (name: string): object => ({ name, image: name });
  const pod = (...names: readonly string[]): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: names.map(container) },
  });
  const live = apply(undefined, pod('a', 'b', 'c'), 'me');
  const merged = apply(live, pod('c', 'new', 'a'), 'you');
  deepEqual(content(merged)['spec'], { containers: ['b', 'c', 'new', 'a'].map(container) });
});

test('a selector has one owner as a whole', () => {
  const mine = apply(undefined, service({ selector: { app: 'a' } }), 'me');
  throws(() => apply(mine, service({ selector: { tier: 'b' } }), 'you'), {
    message: 'Apply failed with 1 conflict: conflict with "me": .spec.selector',
  });
});

test('status is applied through its own endpoint, and kept apart', () => {
  const made = apply(undefined, { ...service({ type: 'ClusterIP' }), status: { x: 1 } }, 'me');
  equal(made['status'], undefined);
  const condition = { type: 'Ready', status: 'True' };
  const status = { ...service({}), status: { conditions: [condition] } };
  const controller = writer('controller', 'Service', { subresource: 'status', reset: ['spec'] });
  const marked = applyConfiguration(made, status, controller, { force: false });
  deepEqual(marked['status'], { conditions: [condition] });
  deepEqual(marked['spec'], { type: 'ClusterIP' });
  ok(JSON.stringify(ownersOf(marked)).includes('"subresource":"status"'));
});

const refused: readonly (readonly [string, JsonObject, RegExp])[] = [
  [
    'duplicate keys',
    service({ ports: [{ port: 80 }, { port: 80, protocol: 'TCP' }] }),
    /\.spec\.ports: duplicate entries for key \[port=80,protocol="TCP"\]/,
  ],
  [
    'an element without its key',
    service({ ports: [{ name: 'a' }] }),
    /\.spec\.ports: element 0 has no port/,
  ],
  ['owners of its own', service({}, { managedFields: [{}] }), /managedFields must not/],
];
for (const [name, applied, message] of refused) {
  test(`refuses ${name}`, () => {
    throws(() => apply(undefined, applied, 'me'), { code: 'BadRequest', message });
  });
}

test('two managers of disjoint fields never meet', () => {
  const data = (prefix: string): fc.Arbitrary<Record<string, string>> =>
    fc.dictionary(
      fc.constantFrom('a', 'b', 'c').map((key) => prefix + key),
      fc.string(),
    );
  const steps = fc.array(
    fc.oneof(
      data('x').map((value) => ['x', value] as const),
      data('y').map((value) => ['y', value] as const),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(steps, (sequence) => {
      let live: JsonObject | undefined;
      const last = new Map<string, object>();
      for (const [manager, value] of sequence) {
        live = apply(live, configMap(value), manager);
        equal(apply(live, configMap(value), manager), live);
        last.set(manager, value);
      }
      if (live === undefined) return;
      const expected = Object.assign({}, ...last.values());
      deepEqual({ ...(live['data'] as object | undefined) }, expected);
    }),
    { numRuns: 100 },
  );
});
