import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressPool, ServiceSpec } from '../../../../controller/objects/index.ts';
import { MemoryLedger } from '../../../../controller/reconcile/index.ts';
import { EventRecorder } from '../../store/event-recorder.ts';
import { service } from '../../store/objects.ts';
import { ReconcileHarness } from '../harness.ts';

const dual = { serviceCidrs: ['127.96.0.0/16', 'fd00::/112'] };
const ports = [{ port: 80 }];

const ofService = async (
  spec: ServiceSpec,
  options: ConstructorParameters<typeof ReconcileHarness>[0] = {},
): Promise<{ spec: ServiceSpec; reasons: readonly string[] }> => {
  await using harness = new ReconcileHarness(options);
  await harness.put(service('shop/web', spec));
  return { spec: harness.service('shop/web').spec ?? {}, reasons: harness.problems.reasons };
};

test('a cluster IP from the upper band, with its families', async () => {
  const { spec } = await ofService({ ports });
  match(spec.clusterIP ?? '', /^127\.96\.\d+\.\d+$/);
  notEqual(spec.clusterIP?.split('.')[2], '0', 'the lower 256 are for those who ask');
  deepEqual(spec.clusterIPs, [spec.clusterIP]);
  deepEqual(spec.ipFamilies, ['IPv4']);
  equal(spec.ipFamilyPolicy, 'SingleStack');
});

const families: readonly [
  why: string,
  ServiceSpec,
  { readonly pool?: readonly string[]; readonly serviceCidrs?: readonly string[] },
  want: readonly string[],
  problems: readonly string[],
][] = [
  ['single by default', {}, dual, ['IPv4'], []],
  ['single, of the family named', { ipFamilies: ['IPv6'] }, dual, ['IPv6'], []],
  ['prefer both', { ipFamilyPolicy: 'PreferDualStack' }, dual, ['IPv4', 'IPv6'], []],
  [
    'prefer both, in the order named',
    { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6'] },
    dual,
    ['IPv6', 'IPv4'],
    [],
  ],
  ['two named mean both', { ipFamilies: ['IPv6', 'IPv4'] }, dual, ['IPv6', 'IPv4'], []],
  ['prefer both where one is', { ipFamilyPolicy: 'PreferDualStack' }, {}, ['IPv4'], []],
  [
    'require both where one is',
    { ipFamilyPolicy: 'RequireDualStack' },
    {},
    ['IPv4'],
    ['DualStackUnavailable'],
  ],
  ['a family that is not there', { ipFamilies: ['IPv6'] }, {}, [], ['IPFamilyUnavailable']],
];
for (const [why, spec, options, want, problems] of families) {
  test(`families: ${why}`, async () => {
    const got = await ofService({ ports, ...spec }, options);
    const addresses = got.spec.clusterIPs ?? [];
    deepEqual(
      addresses.map((address) => (address.includes(':') ? 'IPv6' : 'IPv4')),
      want,
    );
    if (want.length > 0) deepEqual(got.spec.ipFamilies, want);
    deepEqual(got.reasons, problems);
  });
}

test('headless stays headless, ExternalName gets nothing', async () => {
  const headless = await ofService({ clusterIP: 'None', selector: { a: 'b' } });
  deepEqual(headless.spec.clusterIPs, ['None']);
  deepEqual(headless.spec.ipFamilies, ['IPv4']);
  const external = { type: 'ExternalName', externalName: 'db.example' } as const;
  deepEqual((await ofService(external)).spec, external);
});

test('a static address is honoured', async () => {
  const { spec, reasons } = await ofService({ clusterIP: '127.96.0.10' });
  deepEqual(spec.clusterIPs, ['127.96.0.10']);
  deepEqual(reasons, []);
});

test('the older Service keeps an address; the other runs without, and gets it in the end', async () => {
  await using harness = new ReconcileHarness();
  const wants = { ports, clusterIP: '127.96.0.10' };
  await harness.put(service('shop/z-old', wants));
  harness.clock.advance(1000);
  await harness.put(service('shop/a-new', wants));
  equal(harness.service('shop/z-old').spec?.clusterIP, '127.96.0.10');
  equal(harness.service('shop/a-new').spec?.clusterIP, undefined);
  const [problem] = harness.problems.all;
  equal(problem?.reason, 'ClusterIPInUse');
  equal(problem?.object?.name, 'a-new');
  match(problem?.message ?? '', /shop\/z-old/);

  const version = harness.store.resourceVersion;
  await harness.put(service('shop/a-new', wants));
  equal(harness.store.resourceVersion, version, 'the same manifest again changes nothing');

  await harness.delete('Service', 'shop/z-old');
  equal(harness.service('shop/a-new').spec?.clusterIP, '127.96.0.10');
  equal(harness.service('shop/a-new').metadata.annotations, undefined);
  deepEqual(harness.problems.reasons, []);
});

test('of equally old ones the first by name keeps the address', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(
    service('shop/b', { clusterIP: '127.96.0.10' }),
    service('shop/a', { clusterIP: '127.96.0.10' }),
  );
  equal(harness.service('shop/a').spec?.clusterIP, '127.96.0.10');
  equal(harness.service('shop/b').spec?.clusterIP, undefined);
});

test('who gives up a refused address gets another', async () => {
  await using harness = new ReconcileHarness();
  const wants = { clusterIP: '127.96.0.10' };
  await harness.put(service('shop/a', wants), service('shop/b', wants));
  await harness.put(service('shop/b'));
  ok(harness.service('shop/b').spec?.clusterIP);
  deepEqual(harness.problems.reasons, []);
});

test('an address of another cluster is replaced, once', async () => {
  await using harness = new ReconcileHarness();
  const exported = { ports, clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] };
  await harness.put(service('shop/web', exported));
  const given = harness.service('shop/web').spec?.clusterIP;
  match(given ?? '', /^127\.96\./);
  deepEqual(harness.problems.reasons, ['ClusterIPOutOfRange']);
  const version = harness.store.resourceVersion;
  await harness.put(service('shop/web', exported));
  equal(harness.store.resourceVersion, version);
  deepEqual(harness.problems.reasons, ['ClusterIPOutOfRange']);
});

test('a full range is reported, and used again when something leaves', async () => {
  await using harness = new ReconcileHarness({ serviceCidrs: ['127.96.0.0/30'] });
  await harness.put(service('shop/a'), service('shop/b'));
  deepEqual(harness.problems.reasons, ['ClusterIPsExhausted'], '/30: one address is dynamic');
  equal(harness.service('shop/b').spec?.clusterIP, undefined);
});

test('node ports for NodePort and LoadBalancer, the same for twins of two protocols', async () => {
  const dns = [
    { name: 'dns', port: 53, protocol: 'UDP' },
    { name: 'dns-tcp', port: 53, protocol: 'TCP' },
  ] as const;
  const { spec } = await ofService({ type: 'NodePort', ports: dns });
  const [udp, tcp] = spec.ports ?? [];
  ok(udp?.nodePort && udp.nodePort >= 30_086 && udp.nodePort <= 32_767);
  equal(tcp?.nodePort, udp.nodePort);
  const balanced = await ofService({ type: 'LoadBalancer', ports });
  ok(balanced.spec.ports?.[0]?.nodePort);
  const without = { type: 'LoadBalancer', ports, allocateLoadBalancerNodePorts: false } as const;
  equal((await ofService(without)).spec.ports?.[0]?.nodePort, undefined);
});

test('node ports in conflict: the older has it, the other none', async () => {
  await using harness = new ReconcileHarness();
  const wants: ServiceSpec = {
    type: 'NodePort',
    ports: [{ name: 'http', port: 80, nodePort: 30_080 }],
  };
  await harness.put(service('shop/a', wants), service('shop/b', wants));
  equal(harness.service('shop/a').spec?.ports?.[0]?.nodePort, 30_080);
  equal(harness.service('shop/b').spec?.ports?.[0]?.nodePort, undefined);
  deepEqual(harness.problems.reasons, ['NodePortInUse']);
  equal(harness.problems.all[0]?.object?.field, 'spec.ports[0].nodePort');
  const version = harness.store.resourceVersion;
  await harness.put(service('shop/b', wants));
  equal(harness.store.resourceVersion, version);
  await harness.delete('Service', 'shop/a');
  equal(harness.service('shop/b').spec?.ports?.[0]?.nodePort, 30_080);
});

test('UDP and TCP of one number do not conflict; two ports of one Service do', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(
    service('shop/web', {
      type: 'NodePort',
      ports: [
        { name: 'a', port: 1, nodePort: 30_080 },
        { name: 'b', port: 2, nodePort: 30_080, protocol: 'UDP' },
        { name: 'c', port: 3, nodePort: 30_080 },
      ],
    }),
  );
  const given = harness.service('shop/web').spec?.ports?.map((port) => port.nodePort);
  deepEqual(given, [30_080, 30_080, undefined]);
  deepEqual(harness.problems.reasons, ['NodePortInUse']);
});

test('a node port outside the range works, with a warning', async () => {
  const { spec, reasons } = await ofService({
    type: 'NodePort',
    ports: [{ port: 80, nodePort: 8080 }],
  });
  equal(spec.ports?.[0]?.nodePort, 8080);
  deepEqual(reasons, ['NodePortOutOfRange']);
});

test('healthCheckNodePort for LoadBalancer with Local, and only then', async () => {
  await using harness = new ReconcileHarness();
  const spec: ServiceSpec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports };
  await harness.put(service('shop/web', spec));
  ok(harness.service('shop/web').spec?.healthCheckNodePort);
  await harness.put(service('shop/web', { ...spec, externalTrafficPolicy: 'Cluster' }));
  equal(harness.service('shop/web').spec?.healthCheckNodePort, undefined);
});

test('a change of type gives back what it does not need', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(service('shop/web', { type: 'LoadBalancer', ports }));
  const before = harness.service('shop/web').spec;
  await harness.put(service('shop/web', { type: 'ClusterIP', ports }));
  const after = harness.service('shop/web');
  equal(after.spec?.clusterIP, before?.clusterIP);
  deepEqual(after.spec?.ports, ports);
  deepEqual(after.status?.loadBalancer?.ingress, []);
  await harness.put(service('shop/web', { type: 'ExternalName', externalName: 'a.b' }));
  equal(harness.service('shop/web').spec?.clusterIP, undefined);
});

test('applying a manifest again writes nothing', async () => {
  await using harness = new ReconcileHarness();
  const manifest = service('shop/web', {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    ports,
  });
  await harness.put(manifest);
  using recorder = new EventRecorder(harness.store, {});
  await harness.put(manifest);
  deepEqual(recorder.lines, []);
});

test('a new process over the same objects writes nothing', async () => {
  await using harness = new ReconcileHarness(dual);
  await harness.put(
    service('shop/a', { type: 'LoadBalancer', ports, ipFamilyPolicy: 'PreferDualStack' }),
    service('shop/b', { type: 'NodePort', ports }),
    service('shop/c', { clusterIP: 'None', selector: { a: 'b' } }),
    service('shop/d', { clusterIP: '10.1.2.3' }),
  );
  const version = harness.store.resourceVersion;
  await harness.stop();
  await harness.settled();
  equal(harness.store.resourceVersion, version);
});

test('the same Service gets the same again, by ledger or by hash', async () => {
  const manifests = ['a', 'b', 'c'].map((name) =>
    service(`shop/${name}`, { type: 'LoadBalancer', ports }),
  );
  const run = async (
    ledger: MemoryLedger,
    order: readonly number[],
  ): Promise<readonly unknown[]> => {
    await using harness = new ReconcileHarness({ ledger, serviceCidrs: ['127.96.0.0/27'] });
    for (const index of order) {
      const manifest = manifests[index];
      if (manifest) await harness.put(manifest);
    }
    return manifests.map(({ metadata }) => {
      const { spec, status } = harness.service(`shop/${metadata.name}`);
      return [spec?.clusterIP, spec?.ports, status?.loadBalancer];
    });
  };
  const ledger = new MemoryLedger();
  const first = await run(ledger, [0, 1, 2]);
  deepEqual(await run(ledger, [2, 0, 1]), first, 'in another order, with the ledger');
  deepEqual(await run(new MemoryLedger(), [0, 1, 2]), first, 'without it, in the same order');
});

test('what is remembered for one goes to another only at need', async () => {
  const ledger = new MemoryLedger({ 'shop/absent': { 'clusterIP/IPv4': '127.96.0.2' } });
  await using harness = new ReconcileHarness({ ledger, serviceCidrs: ['127.96.0.0/29'] });
  await harness.put(...['a', 'b', 'c', 'd'].map((name) => service(`shop/${name}`)));
  const given = ['a', 'b', 'c', 'd'].map((name) => harness.service(`shop/${name}`).spec?.clusterIP);
  equal(given.includes('127.96.0.2'), false);
  await harness.put(service('shop/e'));
  equal(harness.service('shop/e').spec?.clusterIP, '127.96.0.2');
});

test('the ledger forgets deleted Services', async () => {
  const ledger = new MemoryLedger();
  await using harness = new ReconcileHarness({ ledger });
  await harness.put(service('shop/web'));
  ok(ledger.recorded('shop/web', 'clusterIP/IPv4'));
  await harness.delete('Service', 'shop/web');
  deepEqual(ledger.entries(), {});
});

test('a load balancer gets an address of its own that the machine can reach', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(service('shop/web', { type: 'LoadBalancer', ports }));
  const { spec, status } = harness.service('shop/web');
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  match(ingress?.ip ?? '', /^127\.96\./);
  notEqual(ingress?.ip, spec?.clusterIP);
});

const addressPool = (...addresses: readonly string[]): AddressPool => ({
  apiVersion: 'portolan.dev/v1alpha1',
  kind: 'AddressPool',
  metadata: { name: 'lan' },
  spec: { addresses, interface: 'eth0', firstVirtualRouterID: 1 },
});

const balancers: readonly [
  why: string,
  ServiceSpec,
  { readonly pool?: readonly string[]; readonly serviceCidrs?: readonly string[] },
  want: readonly object[] | undefined,
][] = [
  ['the address asked for', { loadBalancerIP: '127.0.0.77' }, {}, [{ ip: '127.0.0.77' }]],
  ['a class of somebody else', { loadBalancerClass: 'metallb.io/x' }, {}, undefined],
  [
    'the class that is ours',
    { loadBalancerClass: 'portolan.dev/load-balancer' },
    { pool: ['192.0.2.7'] },
    [{ ip: '192.0.2.7' }],
  ],
  ['addresses that are listed', {}, { pool: ['192.0.2.7'] }, [{ ip: '192.0.2.7' }]],
  ['no pool on a routed service range', {}, { serviceCidrs: ['10.96.0.0/16'] }, undefined],
  ['nonsense asked for', { loadBalancerIP: 'web' }, {}, undefined],
];
for (const [why, spec, options, want] of balancers) {
  test(`load balancer: ${why}`, async () => {
    const { pool, ...configured } = options;
    await using harness = new ReconcileHarness(configured);
    if (pool) await harness.put(addressPool(...pool));
    await harness.put(service('shop/web', { type: 'LoadBalancer', ports, ...spec }));
    deepEqual(harness.service('shop/web').status?.loadBalancer?.ingress, want);
  });
}

test('a pool that comes, changes or goes moves the addresses of Services at once', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(service('shop/web', { type: 'LoadBalancer', ports }));
  const address = (): string | undefined =>
    harness.service('shop/web').status?.loadBalancer?.ingress?.[0]?.ip;
  match(address() ?? '', /^127\.96\./);
  await harness.put(addressPool('192.0.2.7'));
  equal(address(), '192.0.2.7');
  await harness.put(addressPool('192.0.2.8', '192.0.2.7'));
  equal(address(), '192.0.2.7', 'what is still offered is kept');
  await harness.put(addressPool('nonsense', '192.0.2.8'));
  equal(address(), '192.0.2.8', 'a broken range takes no other with it');
  await harness.delete('AddressPool', '/lan');
  match(address() ?? '', /^127\.96\./);
});

test('two load balancers, one address: the second waits for it', async () => {
  await using harness = new ReconcileHarness();
  await harness.put(addressPool('192.0.2.7'));
  const spec: ServiceSpec = { type: 'LoadBalancer', ports };
  await harness.put(service('shop/a', spec), service('shop/b', spec));
  deepEqual(harness.service('shop/b').status?.loadBalancer?.ingress, undefined);
  deepEqual(harness.problems.reasons, ['LoadBalancerAddressesExhausted']);
  await harness.delete('Service', 'shop/a');
  await harness.put(service('shop/b', { ...spec, loadBalancerIP: '192.0.2.7' }));
  deepEqual(harness.service('shop/b').status?.loadBalancer?.ingress, [{ ip: '192.0.2.7' }]);
});
