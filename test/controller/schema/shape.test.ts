import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { formatPath, validateShape } from '../../../controller/schema/index.ts';

const service = (spec: unknown): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop' },
  spec,
});
const port = (value: unknown): unknown => service({ ports: [value] });
const annotated = (value: unknown): unknown => ({
  ...(service({}) as object),
  metadata: { name: 'shop', annotations: { note: value } },
});
const created = (value: unknown): unknown => ({
  ...(service({}) as object),
  metadata: { name: 'shop', creationTimestamp: value },
});

// [what it is, value, `severity kind path`, instead]
const cases: readonly (readonly [string, unknown, readonly string[], (string | undefined)?])[] = [
  ['all fine', port({ name: 'http', port: 80, targetPort: 'web' }), []],
  [
    'number in quotes',
    port({ port: '80' }),
    ['error wrong-type spec.ports[0].port'],
    '80 without quotes',
  ],
  ['fraction', port({ port: 80.5 }), ['error wrong-type spec.ports[0].port']],
  ['beyond int32', port({ port: 2 ** 31 }), ['error wrong-type spec.ports[0].port']],
  ['targetPort may be either', port({ port: 80, targetPort: 8080 }), []],
  [
    'targetPort is no list',
    port({ port: 80, targetPort: [] }),
    ['error wrong-type spec.ports[0].targetPort'],
  ],
  ['missing port', port({ name: 'http' }), ['error missing spec.ports[0].port']],
  ['null port is missing', port({ port: null }), ['error missing spec.ports[0].port']],
  ['null where nothing is needed', service({ clusterIP: null }), []],
  [
    'misspelt',
    port({ port: 80, targetport: 1 }),
    ['warning unknown-field spec.ports[0].targetport'],
    'did you mean "targetPort"?',
  ],
  [
    'swapped letters',
    service({ slector: {} }),
    ['warning unknown-field spec.slector'],
    'did you mean "selector"?',
  ],
  ['unlike anything', service({ zzzzzz: 1 }), ['warning unknown-field spec.zzzzzz'], undefined],
  [
    'list expected',
    service({ ports: { port: 80 } }),
    ['error wrong-type spec.ports'],
    'put each element behind "- "',
  ],
  ['object expected', service([]), ['error wrong-type spec']],
  [
    'number as annotation',
    annotated(42),
    ['error wrong-type metadata.annotations.note'],
    'quote it: "42"',
  ],
  [
    'truth value as annotation',
    annotated(true),
    ['error wrong-type metadata.annotations.note'],
    'quote it: "true"',
  ],
  [
    'empty annotation',
    annotated(null),
    ['error wrong-type metadata.annotations.note'],
    'write "" for an empty text, or leave the key out',
  ],
  [
    'boolean in quotes',
    service({ publishNotReadyAddresses: 'true' }),
    ['error wrong-type spec.publishNotReadyAddresses'],
    'true without quotes',
  ],
  ['time', created('2026-01-31T12:00:00Z'), []],
  ['time with offset and fraction', created('2026-01-31T12:00:00.25+02:00'), []],
  ['date alone', created('2026-01-31'), ['error wrong-type metadata.creationTimestamp']],
  [
    'no such month',
    created('2026-13-31T12:00:00Z'),
    ['error wrong-type metadata.creationTimestamp'],
  ],
];

for (const [name, value, expected, instead] of cases) {
  test(`shape of a Service: ${name}`, () => {
    const { issues } = validateShape('Service', value);
    deepEqual(
      issues.map((one) => `${one.severity} ${one.kind} ${formatPath(one.path)}`),
      expected,
    );
    if (instead !== undefined) equal(issues[0]?.instead, instead);
  });
}

test('a quantity may be a number or text', () => {
  const pod = (cpu: unknown): unknown => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: { containers: [{ name: 'a', resources: { limits: { cpu } } }] },
  });
  deepEqual(validateShape('Pod', pod(1)).issues, []);
  deepEqual(validateShape('Pod', pod('500m')).issues, []);
  equal(validateShape('Pod', pod([])).issues.length, 1);
});

const secretCases: readonly (readonly [string, object, string])[] = [
  ['a number', { stringData: { password: 8402717 } }, '8402717'],
  ['not base64', { data: { password: 'hunter2 hunter2' } }, 'hunter2'],
  ['base64 of a wrong length', { data: { password: 'aHVudGVyMg' } }, 'aHVudGVyMg'],
  ['a text for a map', { data: 'hunter2' }, 'hunter2'],
];
for (const [name, fields, secret] of secretCases) {
  test(`no message shows what a Secret holds: ${name}`, () => {
    const { issues } = validateShape('Secret', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a' },
      ...fields,
    });
    equal(issues.length, 1);
    ok(!JSON.stringify(issues).includes(secret));
  });
}

test('base64 may be broken over lines', () => {
  const { issues } = validateShape('Secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a' },
    data: { a: 'aHVu\ndGVyMg==\n' },
  });
  deepEqual(issues, []);
});
