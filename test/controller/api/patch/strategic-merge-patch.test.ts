import { deepEqual, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { publishedType } from '../../../../controller/api/openapi/published-type.ts';
import { applyPatch, type JsonObject } from '../../../../controller/api/patch/index.ts';

function patched(kind: string, target: JsonObject, patch: unknown): JsonObject {
  const type = publishedType(kind === 'Ingress' ? 'networking.k8s.io/v1' : 'v1', kind);
  ok(type);
  return applyPatch('strategic', target, patch, type);
}

const pod = (spec: object): JsonObject => ({ kind: 'Pod', spec });
const service = (spec: object): JsonObject => ({ kind: 'Service', spec });
const web = { name: 'web', image: 'nginx' };
const log = { name: 'log', image: 'fluentd' };

type Case = readonly [name: string, kind: string, target: object, patch: object, expected: object];

const cases: readonly Case[] = [
  [
    'merges containers by name',
    'Pod',
    { containers: [web] },
    { containers: [log] },
    { containers: [web, log] },
  ],
  [
    'changes one container',
    'Pod',
    { containers: [web, log] },
    { containers: [{ name: 'web', image: 'caddy' }] },
    { containers: [{ name: 'web', image: 'caddy' }, log] },
  ],
  [
    'deletes a container',
    'Pod',
    { containers: [web, log] },
    { containers: [{ name: 'web', $patch: 'delete' }] },
    { containers: [log] },
  ],
  [
    'replaces the list',
    'Pod',
    { containers: [web] },
    { containers: [{ $patch: 'replace' }, log] },
    { containers: [log] },
  ],
  [
    'replaces atomic lists',
    'Pod',
    { tolerations: [{ key: 'a' }] },
    { tolerations: [{ key: 'b' }] },
    { tolerations: [{ key: 'b' }] },
  ],
  [
    'replaces an object',
    'Pod',
    { securityContext: { runAsUser: 1 } },
    { securityContext: { $patch: 'replace', fsGroup: 2 } },
    { securityContext: { fsGroup: 2 } },
  ],
  [
    'empties an object',
    'Pod',
    { securityContext: { runAsUser: 1 } },
    { securityContext: { $patch: 'delete' } },
    { securityContext: {} },
  ],
  [
    'removes with null',
    'Pod',
    { hostNetwork: true, nodeName: 'a' },
    { hostNetwork: null },
    { nodeName: 'a' },
  ],
  [
    'drops nulls of what is new',
    'Pod',
    {},
    { securityContext: { runAsUser: null, fsGroup: 1 } },
    { securityContext: { fsGroup: 1 } },
  ],
  [
    "orders as asked, the server's own where they stood",
    'Pod',
    { containers: [web, { name: 'sidecar' }, log] },
    {
      '$setElementOrder/containers': [{ name: 'log' }, { name: 'new' }, { name: 'web' }],
      containers: [{ name: 'new' }],
    },
    { containers: [{ name: 'sidecar' }, log, { name: 'new' }, web] },
  ],
  [
    'orders without a list',
    'Pod',
    { containers: [web, log] },
    { '$setElementOrder/containers': [{ name: 'log' }, { name: 'web' }] },
    { containers: [log, web] },
  ],
  [
    'keeps one variant of a volume',
    'Pod',
    { volumes: [{ name: 'v', emptyDir: {} }] },
    { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/tmp' } }] },
    { volumes: [{ name: 'v', hostPath: { path: '/tmp' } }] },
  ],
  [
    'merges env inside containers',
    'Pod',
    { containers: [{ name: 'web', env: [{ name: 'A', value: '1' }] }] },
    {
      containers: [
        {
          name: 'web',
          env: [
            { name: 'B', value: '2' },
            { name: 'A', value: '3' },
          ],
        },
      ],
    },
    {
      containers: [
        {
          name: 'web',
          env: [
            { name: 'A', value: '3' },
            { name: 'B', value: '2' },
          ],
        },
      ],
    },
  ],
  [
    'merges ports by number',
    'Service',
    { ports: [{ port: 80, name: 'http' }] },
    { ports: [{ port: 443 }, { port: 80, targetPort: 8080 }] },
    { ports: [{ port: 80, name: 'http', targetPort: 8080 }, { port: 443 }] },
  ],
  [
    'changes the first of two protocols',
    'Service',
    {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    },
    { ports: [{ port: 53, name: 'dns' }] },
    {
      ports: [
        { port: 53, protocol: 'UDP', name: 'dns' },
        { port: 53, protocol: 'TCP' },
      ],
    },
  ],
  [
    'merges selectors as maps',
    'Service',
    { selector: { app: 'a' } },
    { selector: { tier: 'b' } },
    { selector: { app: 'a', tier: 'b' } },
  ],
  [
    'replaces rules of an Ingress',
    'Ingress',
    { rules: [{ host: 'a' }] },
    { rules: [{ host: 'b' }] },
    { rules: [{ host: 'b' }] },
  ],
  [
    'merges inside a new element',
    'Service',
    {},
    { ports: [{ port: 1, nodePort: null }] },
    { ports: [{ port: 1 }] },
  ],
];

for (const [name, kind, target, patch, expected] of cases) {
  test(name, () => {
    deepEqual(patched(kind, { kind, spec: target }, { spec: patch }), { kind, spec: expected });
  });
}

test('merges finalizers as a set, and deletes from it', () => {
  const target = { metadata: { finalizers: ['a', 'b'] } };
  deepEqual(patched('Pod', target, { metadata: { finalizers: ['c', 'a'] } }), {
    metadata: { finalizers: ['a', 'b', 'c'] },
  });
  const patch = {
    metadata: {
      '$deleteFromPrimitiveList/finalizers': ['a'],
      '$setElementOrder/finalizers': ['c', 'b'],
      finalizers: ['c'],
    },
  };
  deepEqual(patched('Pod', target, patch), { metadata: { finalizers: ['c', 'b'] } });
});

const refused: readonly (readonly [string, JsonObject, unknown, RegExp])[] = [
  ['a list', pod({}), [], /must be an object/],
  ['an unknown directive', pod({}), { spec: { $patch: 'merg' } }, /spec: \$patch is "merg"/],
  [
    'an element without key',
    service({ ports: [] }),
    { spec: { ports: [{ name: 'a' }] } },
    /spec\.ports: .*lacks port/,
  ],
  ['a scalar among objects', service({}), { spec: { ports: [80] } }, /must be objects/],
  [
    'retained keys that leave out the patch',
    pod({ volumes: [{ name: 'v' }] }),
    { spec: { volumes: [{ name: 'v', hostPath: {}, $retainKeys: ['name'] }] } },
    /hostPath is in the patch/,
  ],
  ['retained keys that are no list', pod({}), { spec: { $retainKeys: 'a' } }, /must be a list/],
];

for (const [name, target, patch, message] of refused) {
  test(`refuses ${name}`, () => {
    throws(() => patched(String(target['kind']), target, patch), { code: 'BadRequest', message });
  });
}
