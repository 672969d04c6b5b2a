import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { admit } from '../../../controller/schema/index.ts';

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'a' },
  spec: { ports: [{ port: 80 }] },
};

test('fills in what the API server fills in, and the namespace', () => {
  const admission = admit({
    ...service,
    spec: { type: 'LoadBalancer', sessionAffinity: 'ClientIP', ports: [{ port: 80 }] },
  });
  deepEqual(admission, {
    kind: 'known',
    issues: [],
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a', namespace: 'default' },
      spec: {
        type: 'LoadBalancer',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        sessionAffinity: 'ClientIP',
        sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
        internalTrafficPolicy: 'Cluster',
        externalTrafficPolicy: 'Cluster',
        allocateLoadBalancerNodePorts: true,
      },
    },
  });
});

test('fills in probes and container ports', () => {
  const admission = admit({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a' },
    spec: {
      containers: [
        { name: 'a', ports: [{ containerPort: 1 }], readinessProbe: { httpGet: { port: 1 } } },
      ],
    },
  });
  ok(admission.kind === 'known' && admission.object.kind === 'Pod');
  deepEqual(admission.object.spec?.containers, [
    {
      name: 'a',
      ports: [{ containerPort: 1, protocol: 'TCP' }],
      readinessProbe: {
        httpGet: { port: 1, path: '/', scheme: 'HTTP' },
        periodSeconds: 10,
        timeoutSeconds: 1,
        successThreshold: 1,
        failureThreshold: 3,
      },
    },
  ]);
});

test('folds stringData into data', () => {
  const admission = admit({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'a' },
    data: { a: '', b: 'Yg==' },
    stringData: { a: 'ä' },
  });
  ok(admission.kind === 'known' && admission.object.kind === 'Secret');
  deepEqual(admission.object.data, { a: 'w6Q=', b: 'Yg==' });
  equal('stringData' in admission.object, false);
});

test('drops unknown fields and nulls, and leaves its input alone', () => {
  const input = {
    ...service,
    metadata: { name: 'a', creationTimestamp: null },
    spec: { ports: [{ port: 80, colour: 'red' }] },
  };
  const before = structuredClone(input);
  const admission = admit(input);
  ok(admission.kind === 'known' && admission.object.kind === 'Service');
  equal('creationTimestamp' in admission.object.metadata, false);
  deepEqual(admission.object.spec?.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
  deepEqual(input, before);
});

// [apiVersion, kind, what becomes of it, what to write instead]
const versions: readonly (readonly [string, string, string, RegExp?])[] = [
  ['v1', 'Service', 'known'],
  ['apps/v1', 'Deployment', 'unknown-kind'],
  ['v1', 'ServiceAccount', 'unknown-kind'],
  ['v1', 'PersistentVolumeClaim', 'unknown-kind'],
  ['serving.knative.dev/v1', 'Service', 'unknown-kind'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute', 'unknown-kind'],
  [
    'extensions/v1beta1',
    'Ingress',
    'refused',
    /^apiVersion: networking\.k8s\.io\/v1, with pathType/,
  ],
  ['networking.k8s.io/v1beta1', 'IngressClass', 'refused', /^apiVersion: networking\.k8s\.io\/v1$/],
  ['discovery.k8s.io/v1beta1', 'EndpointSlice', 'refused', /^apiVersion: discovery\.k8s\.io\/v1$/],
  ['networking.k8s.io/v1', 'Service', 'refused', /^apiVersion: v1$/],
  ['v1', 'Ingress', 'refused', /^apiVersion: networking\.k8s\.io\/v1$/],
  ['v1', 'service', 'refused', /"Service"/],
  ['v1', 'Endpoint', 'refused', /"Endpoints"/],
];
for (const [apiVersion, kind, outcome, instead] of versions) {
  test(`${apiVersion} ${kind}: ${outcome}`, () => {
    const admission = admit({ ...service, apiVersion, kind });
    equal(admission.kind, outcome);
    if (instead !== undefined && admission.kind === 'refused') {
      ok(instead.test(admission.issues[0]?.instead ?? ''), admission.issues[0]?.instead);
    }
  });
}

test('a refused object still says which it is', () => {
  const admission = admit({
    ...service,
    metadata: { name: 'a', namespace: 'b' },
    spec: { ports: [{ port: 0 }] },
  });
  deepEqual(admission.kind === 'refused' && admission.identity, {
    kind: 'Service',
    namespace: 'b',
    name: 'a',
  });
});

test('never throws, whatever it gets', () => {
  const kind = fc.constantFrom(
    'Service',
    'Ingress',
    'Pod',
    'EndpointSlice',
    'Secret',
    'Endpoints',
    'Node',
  );
  const apiVersion = fc.constantFrom('v1', 'networking.k8s.io/v1', 'discovery.k8s.io/v1');
  const object = fc.record({
    apiVersion,
    kind,
    metadata: fc.oneof(fc.jsonValue(), fc.constant({ name: 'a' })),
    spec: fc.jsonValue(),
    status: fc.jsonValue(),
    data: fc.jsonValue(),
    endpoints: fc.jsonValue(),
    addressType: fc.constantFrom('IPv4', 'IPv6', 1),
  });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), object), (value) => {
      const admission = admit(value);
      ok(admission.kind !== 'refused' || admission.issues.length > 0);
    }),
    { numRuns: 500 },
  );
});

test('what was admitted is admitted again, unchanged', () => {
  const first = admit(service);
  ok(first.kind === 'known');
  deepEqual(admit(first.object), first);
});
