import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Node,
  Pod,
  PodSpec,
  PodStatus,
  ServiceSpec,
} from '../../../../controller/objects/index.ts';
import { EventRecorder } from '../../store/event-recorder.ts';
import { pod, service, slice } from '../../store/objects.ts';
import { ReconcileHarness } from '../harness.ts';

const app = { app: 'web' };
const web = (spec: ServiceSpec = {}) =>
  service('shop/web', { selector: app, ports: [{ port: 80, targetPort: 8080 }], ...spec });

function webPod(
  name: string,
  podIP: string,
  spec: Partial<PodSpec> = {},
  status: PodStatus = {},
): Pod {
  const base = pod(`shop/${name}`, { podIP, ...status }, app);
  return { ...base, spec: { containers: [], ...spec } };
}

const node = (name: string, zone: string): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
});

test('Pods become one slice, marked as upstream marks it', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', '127.0.0.2'), webPod('b', '127.0.0.3'));
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.2,127.0.0.3 :8080']);
  const [made] = harness.slices('shop/web');
  deepEqual(made?.metadata.labels, {
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  });
  const [owner] = made?.metadata.ownerReferences ?? [];
  equal(owner?.uid, harness.service('shop/web').metadata.uid);
  deepEqual(made?.endpoints[0], {
    addresses: ['127.0.0.2'],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: { kind: 'Pod', namespace: 'shop', name: 'a' },
  });
});

const condition = (status: 'True' | 'False') => ({ conditions: [{ type: 'Ready', status }] });
const ready = { ready: true, serving: true, terminating: false };
const unready = { ready: false, serving: false, terminating: false };
const deleted = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const readiness: readonly [
  why: string,
  status: PodStatus,
  metadata: object,
  spec: ServiceSpec,
  want: object | undefined,
][] = [
  ['the kubelet says ready', condition('True'), {}, {}, ready],
  ['the kubelet says not', { phase: 'Running', ...condition('False') }, {}, {}, unready],
  ['no kubelet, no phase', {}, {}, {}, ready],
  ['no kubelet, Running', { phase: 'Running' }, {}, {}, ready],
  ['no kubelet, Pending', { phase: 'Pending' }, {}, {}, unready],
  ['finished', { phase: 'Succeeded' }, {}, {}, undefined],
  ['failed', { phase: 'Failed' }, {}, {}, undefined],
  [
    'terminating',
    condition('True'),
    deleted,
    {},
    { ready: false, serving: true, terminating: true },
  ],
  [
    'published although not ready',
    condition('False'),
    {},
    { publishNotReadyAddresses: true },
    { ready: true, serving: false, terminating: false },
  ],
];
for (const [why, status, metadata, spec, want] of readiness) {
  test(`conditions: ${why}`, async () => {
    await using harness = new ReconcileHarness();
    const one = webPod('a', '127.0.0.2', {}, status);
    await harness.put(web(spec), { ...one, metadata: { ...one.metadata, ...metadata } });
    deepEqual(harness.slices('shop/web')[0]?.endpoints[0]?.conditions, want);
  });
}

test('a Pod with a readinessProbe is not ready before somebody says so', async () => {
  await using harness = new ReconcileHarness();
  const one = webPod('a', '127.0.0.2');
  const containers = [{ name: 'web', readinessProbe: { tcpSocket: { port: 80 } } }];
  await harness.put(web(), { ...one, spec: { ...one.spec, containers } });
  const conditions = harness.slices('shop/web')[0]?.endpoints[0]?.conditions;
  deepEqual(conditions, { ready: false, serving: false, terminating: false });
});

test('a Pod without address has no endpoint; an empty slice says that somebody looked', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', ''));
  deepEqual(harness.sliceLines('shop/web'), ['']);
});

test('named ports are the Pod’s own, and differing ones make slices of their own', async () => {
  await using harness = new ReconcileHarness();
  const container = (containerPort: number) => ({
    containers: [{ name: 'c', ports: [{ name: 'http', containerPort }] }],
  });
  await harness.put(
    web({
      ports: [
        { name: 'www', port: 80, targetPort: 'http' },
        { name: 'x', port: 9 },
      ],
    }),
    webPod('a', '127.0.0.2', container(8080)),
    webPod('b', '127.0.0.3', container(9090)),
    webPod('c', '127.0.0.4', container(8080)),
    webPod('none', '127.0.0.5'),
  );
  deepEqual(harness.sliceLines('shop/web').toSorted(), [
    '127.0.0.2,127.0.0.4 www:8080 x:9',
    '127.0.0.3 www:9090 x:9',
    '127.0.0.5 x:9',
  ]);
});

test('node, zone, host name; the zone follows its Node', async () => {
  await using harness = new ReconcileHarness();
  const place = { nodeName: 'n1', hostname: 'db-0', subdomain: 'web' };
  await harness.put(web(), webPod('a', '127.0.0.2', place), node('n1', 'east'));
  const endpoint = () => harness.slices('shop/web')[0]?.endpoints[0];
  equal(endpoint()?.nodeName, 'n1');
  equal(endpoint()?.zone, 'east');
  equal(endpoint()?.hostname, 'db-0');
  await harness.put(node('n1', 'west'));
  equal(endpoint()?.zone, 'west');
  await harness.put(webPod('a', '127.0.0.2', { ...place, subdomain: 'other' }));
  equal(endpoint()?.hostname, undefined);
});

const hints = [
  [undefined, undefined],
  ['PreferClose', { forZones: [{ name: 'east' }] }],
  ['PreferSameZone', { forZones: [{ name: 'east' }] }],
  ['PreferSameNode', { forZones: [{ name: 'east' }], forNodes: [{ name: 'n1' }] }],
] as const;
for (const [trafficDistribution, want] of hints) {
  test(`hints for trafficDistribution ${trafficDistribution}`, async () => {
    await using harness = new ReconcileHarness();
    await harness.put(
      web(trafficDistribution ? { trafficDistribution } : {}),
      webPod('a', '127.0.0.2', { nodeName: 'n1' }),
      webPod('b', '127.0.0.3', { nodeName: 'n1' }, condition('False')),
      node('n1', 'east'),
    );
    const endpoints = harness.slices('shop/web')[0]?.endpoints;
    deepEqual(
      endpoints?.map((endpoint) => endpoint.hints),
      [want, undefined],
    );
  });
}

test('both families get slices', async () => {
  await using harness = new ReconcileHarness({ serviceCidrs: ['127.96.0.0/16', 'fd00::/112'] });
  const podIPs = [{ ip: '127.0.0.2' }, { ip: 'fd01::2' }];
  await harness.put(
    web({ ipFamilyPolicy: 'RequireDualStack' }),
    webPod('a', '127.0.0.2', {}, { podIPs }),
  );
  deepEqual(harness.sliceLines('shop/web').toSorted(), ['127.0.0.2 :8080', 'fd01::2 :8080']);
});

test('headless Services are marked, their ports may be missing', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(
    service('shop/web', { clusterIP: 'None', selector: app }, { team: 'blue' }),
    webPod('a', '127.0.0.2'),
  );
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.2']);
  const labels = harness.slices('shop/web')[0]?.metadata.labels;
  equal(labels?.['service.kubernetes.io/headless'], '');
  equal(labels?.['team'], 'blue', 'labels of the Service are copied');
});

test('weights come from Pods; a bad one is reported and left out', async () => {
  await using harness = new ReconcileHarness();
  const weighted = (name: string, ip: string, weight: string): Pod => {
    const one = webPod(name, ip);
    return {
      ...one,
      metadata: { ...one.metadata, annotations: { 'portolan.dev/weight': weight } },
    };
  };
  await harness.put(
    web(),
    weighted('a', '127.0.0.2', '5'),
    weighted('b', '127.0.0.3', '0'),
    weighted('c', '127.0.0.4', 'heavy'),
  );
  equal(
    harness.slices('shop/web')[0]?.metadata.annotations?.['portolan.dev/weights'],
    '127.0.0.2=5, 127.0.0.3=0',
  );
  deepEqual(harness.problems.reasons, ['InvalidWeight']);
});

test('250 Pods make three slices, and one Pod more touches one', async () => {
  await using harness = new ReconcileHarness();
  const pods = Array.from({ length: 250 }, (_, n) => webPod(`p${n}`, `127.0.1.${n}`));
  await harness.put(web(), ...pods);
  equal(harness.slices('shop/web').length, 3);
  ok(harness.slices('shop/web').every(({ endpoints }) => endpoints.length <= 100));
  using recorder = new EventRecorder(harness.store, { kinds: ['EndpointSlice'] });
  await harness.put(webPod('new', '127.0.2.1'));
  equal(recorder.events.length, 1);
  await harness.delete('Pod', 'shop/p7');
  equal(recorder.events.length, 2);
  equal(harness.slices('shop/web').flatMap(({ endpoints }) => endpoints).length, 250);
});

test('a Pod that moves in or out of a selector moves in or out of the slice', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', '127.0.0.2'));
  const outside = webPod('a', '127.0.0.2');
  await harness.put({ ...outside, metadata: { ...outside.metadata, labels: { app: 'db' } } });
  deepEqual(harness.sliceLines('shop/web'), ['']);
  await harness.put(outside);
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.2 :8080']);
});

test('slices go with their Service, or with its selector', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', '127.0.0.2'));
  await harness.put(service('shop/web', { ports: [{ port: 80 }] }));
  equal(harness.slices('shop/web').length, 0);
  await harness.put(web());
  equal(harness.slices('shop/web').length, 1);
  await harness.delete('Service', 'shop/web');
  equal(harness.slices('shop/web').length, 0);
});

test('what the user wrote is left alone, also under a name that would be ours', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', '127.0.0.2'));
  const ours = harness.slices('shop/web')[0]?.metadata.name ?? '';
  await harness.delete('Service', 'shop/web');
  const own = slice(`shop/${ours}`, ['127.0.0.9']);
  const labels = {
    'kubernetes.io/service-name': 'web',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  };
  await harness.put({ ...own, metadata: { ...own.metadata, labels } }, web());
  deepEqual(harness.sliceLines('shop/web').toSorted(), ['127.0.0.2 :8080', '127.0.0.9 :80']);
  await harness.delete('Service', 'shop/web');
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.9 :80']);
});

test('a slice that somebody broke or deleted is put right', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(web(), webPod('a', '127.0.0.2'));
  const [made] = harness.slices('shop/web');
  ok(made);
  await harness.put({ ...made, endpoints: [] });
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.2 :8080']);
  await harness.delete('EndpointSlice', `shop/${made.metadata.name}`);
  deepEqual(harness.sliceLines('shop/web'), ['127.0.0.2 :8080']);
});
