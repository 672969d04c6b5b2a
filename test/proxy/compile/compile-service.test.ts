import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { EndpointSlice, Service, ServiceSpec } from '../../../controller/objects/index.ts';
import { compileService, type ServicePort } from '../../../proxy/compile/index.ts';
import { bundle, compile, compileOne, here, numbers, service, slice } from './objects.ts';

suite('which Services are compiled', () => {
  const proxyName = 'service.kubernetes.io/service-proxy-name';
  const cases: readonly (readonly [why: string, service: Service, mine: boolean])[] = [
    ['a clusterIP', service(), true],
    [
      'clusterIPs alone',
      { ...service(), spec: { clusterIPs: ['10.96.0.1'], ports: [{ port: 80 }] } },
      true,
    ],
    ['headless', service({ clusterIP: 'None' }), false],
    ['not allocated yet', service({ clusterIP: '' }), false],
    ['ExternalName with a clusterIP', service({ type: 'ExternalName' }), false],
    ['for another proxy', service({}, { labels: { [proxyName]: 'other' } }), false],
    ['for another proxy, empty value', service({}, { labels: { [proxyName]: '' } }), false],
  ];
  for (const [why, object, mine] of cases) {
    test(`${why}: ${mine}`, () => equal(compile(object, [slice('1')]).ports.length, mine ? 1 : 0));
  }

  test('a named proxy takes those that carry its name', () => {
    const node = { ...here, serviceProxyName: 'other' };
    const labelled = service({}, { labels: { [proxyName]: 'other' } });
    equal(compile(labelled, [], node).ports.length, 1);
    equal(compile(service(), [], node).ports.length, 0);
  });

  test('a Service left alone has no problems either', () => {
    const object = service({ clusterIP: 'None', selector: { app: 'shop' } });
    deepEqual(compile(object).reasons, []);
  });
});

suite('fields of a ServicePort', () => {
  const ports = [{ port: 80, nodePort: 30_080 }];
  // biome-ignore format: a table, one row a line
  const cases: readonly (readonly [
    why: string,
    spec: ServiceSpec,
    status: Service['status'],
    expected: Partial<ServicePort>,
  ])[] = [
    [
      'defaults',
      {},
      undefined,
      {
        key: 'web/shop:/TCP/IPv4',
        namespace: 'web',
        name: 'shop',
        portName: '',
        protocol: 'TCP',
        family: 'IPv4',
        clusterIP: '10.96.0.1',
        port: 80,
        nodePort: 0,
        externalIPs: [],
        loadBalancerIPs: [],
        loadBalancerSourceRanges: [],
        internalPolicy: 'Cluster',
        externalPolicy: 'Cluster',
        affinity: { kind: 'None' },
        algorithm: 'weighted',
        healthCheckNodePort: 0,
        localReadyCount: 0,
      },
    ],
    [
      'a named UDP port',
      { ports: [{ name: 'dns', port: 53, protocol: 'UDP' }] },
      undefined,
      { key: 'web/shop:dns/UDP/IPv4', portName: 'dns', protocol: 'UDP' },
    ],
    [
      'nodePort of a LoadBalancer',
      { type: 'LoadBalancer', ports },
      undefined,
      { nodePort: 30_080 },
    ],
    [
      'affinity, default timeout',
      { sessionAffinity: 'ClientIP' },
      undefined,
      { affinity: { kind: 'ClientIP', timeoutSec: 10_800 } },
    ],
    [
      'affinity, own timeout',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } },
      undefined,
      { affinity: { kind: 'ClientIP', timeoutSec: 5 } },
    ],
    [
      'VIPs without ipMode or with VIP',
      { type: 'LoadBalancer' },
      {
        loadBalancer: {
          ingress: [
            { ip: '1.1.1.1' },
            { ip: '2.2.2.2', ipMode: 'VIP' },
            { ip: '3.3.3.3', ipMode: 'Proxy' },
            { hostname: 'lb.example' },
            { ip: 'fd00::1' },
          ],
        },
      },
      { loadBalancerIPs: ['1.1.1.1', '2.2.2.2'] },
    ],
    [
      'spec.loadBalancerIP catches nothing',
      { type: 'LoadBalancer', loadBalancerIP: '1.1.1.1' },
      undefined,
      { loadBalancerIPs: [] },
    ],
    [
      'externalIPs of the family, once',
      { externalIPs: ['1.1.1.1', 'fd00::1', '1.1.1.1'] },
      undefined,
      { externalIPs: ['1.1.1.1'] },
    ],
    [
      'an address counts where it is named first',
      { type: 'LoadBalancer', externalIPs: ['10.96.0.1', '1.1.1.1'] },
      { loadBalancer: { ingress: [{ ip: '1.1.1.1' }, { ip: '10.96.0.1' }] } },
      { externalIPs: ['1.1.1.1'], loadBalancerIPs: [] },
    ],
    [
      'source ranges: trimmed, canonical, of the family',
      { loadBalancerSourceRanges: [' 10.1.2.3/8 ', 'fd00::/8', '10.0.0.0/8'] },
      undefined,
      { loadBalancerSourceRanges: ['10.0.0.0/8'] },
    ],
    [
      'source ranges of the other family alone: no filter',
      { loadBalancerSourceRanges: ['fd00::/8'] },
      undefined,
      { loadBalancerSourceRanges: [] },
    ],
    [
      'an unreadable filter lets nobody in',
      { loadBalancerSourceRanges: ['10.0.0.0'] },
      undefined,
      { loadBalancerSourceRanges: ['0.0.0.0/32'] },
    ],
    [
      'an unreadable entry beside a good one',
      { loadBalancerSourceRanges: ['10.0.0.0', '10.0.0.0/8'] },
      undefined,
      { loadBalancerSourceRanges: ['10.0.0.0/8'] },
    ],
    [
      'external Local: ClusterIP alone',
      { externalTrafficPolicy: 'Local' },
      undefined,
      { externalPolicy: 'Cluster' },
    ],
    [
      'external Local: with externalIPs',
      { externalTrafficPolicy: 'Local', externalIPs: ['1.1.1.1'] },
      undefined,
      { externalPolicy: 'Local' },
    ],
    [
      'external Local: NodePort',
      { externalTrafficPolicy: 'Local', type: 'NodePort', ports },
      undefined,
      { externalPolicy: 'Local' },
    ],
    ['internal Local', { internalTrafficPolicy: 'Local' }, undefined, { internalPolicy: 'Local' }],
    [
      'health check port',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 },
      undefined,
      { healthCheckNodePort: 31_000 },
    ],
    [
      'health check port needs Local',
      { type: 'LoadBalancer', healthCheckNodePort: 31_000 },
      undefined,
      { healthCheckNodePort: 0 },
    ],
    [
      'health check port needs LoadBalancer',
      { type: 'NodePort', externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 },
      undefined,
      { healthCheckNodePort: 0 },
    ],
  ];
  for (const [why, spec, status, expected] of cases) {
    test(why, () => {
      const port = compileOne({ ...service(spec), ...(status && { status }) }, [slice('1')]);
      const actual = Object.fromEntries(Object.entries(port).filter(([name]) => name in expected));
      deepEqual(actual, expected);
    });
  }
});

suite('families', () => {
  const dual: ServiceSpec = {
    clusterIPs: ['10.96.0.1', 'FD00:96:0::1'],
    ipFamilies: ['IPv4', 'IPv6'],
  };
  const cases = [
    ['single', {}, ['IPv4 10.96.0.1']],
    ['dual stack', dual, ['IPv4 10.96.0.1', 'IPv6 fd00:96::1']],
    [
      'IPv6 first',
      { clusterIP: 'fd00::1', clusterIPs: ['fd00::1', '10.96.0.1'], ipFamilies: ['IPv6', 'IPv4'] },
      ['IPv6 fd00::1', 'IPv4 10.96.0.1'],
    ],
    ['empty ipFamilies: clusterIP decides', { clusterIP: 'fd00::1' }, ['IPv6 fd00::1']],
    ['ipFamilies without clusterIPs', { ipFamilies: ['IPv4'] }, ['IPv4 10.96.0.1']],
    [
      'a second family without address',
      { clusterIPs: ['10.96.0.1'], ipFamilies: ['IPv4', 'IPv6'] },
      ['IPv4 10.96.0.1'],
    ],
  ] as const;
  for (const [why, spec, expected] of cases) {
    test(why, () => {
      const { ports } = compile(service(spec));
      deepEqual(
        ports.map(({ family, clusterIP }) => `${family} ${clusterIP}`),
        expected,
      );
    });
  }

  test('each family has the endpoints of its slices', () => {
    const { ports } = compile(service(dual), [slice('1'), slice('7', { addressType: 'IPv6' })]);
    deepEqual(
      ports.map((port) => port.clusterEndpoints.map((one) => one.address)),
      [['10.1.0.1'], ['fd00::7']],
    );
  });
});

suite('how slices join a port', () => {
  const http: ServiceSpec = { ports: [{ name: 'http', port: 80, targetPort: 9999 }] };
  const cases: readonly (readonly [
    why: string,
    spec: ServiceSpec,
    ports: EndpointSlice['ports'],
    expected: string,
  ])[] = [
    ['by name, whatever targetPort says', http, [{ name: 'http', port: 8080 }], '8080'],
    [
      'the right one of several',
      http,
      [
        { name: 'admin', port: 1 },
        { name: 'http', port: 2 },
      ],
      '2',
    ],
    ['another name', http, [{ name: 'web', port: 8080 }], ''],
    ['an absent name is no wildcard', http, [{ port: 8080 }], ''],
    ['an absent name is the empty name', {}, [{ port: 8080 }], '8080'],
    ['another protocol', http, [{ name: 'http', port: 8080, protocol: 'UDP' }], ''],
    [
      'same name, right protocol',
      http,
      [
        { name: 'http', port: 1, protocol: 'UDP' },
        { name: 'http', port: 2, protocol: 'TCP' },
      ],
      '2',
    ],
    ['a port without number', http, [{ name: 'http' }], ''],
    ['port 0', http, [{ name: 'http', port: 0 }], ''],
    ['no ports', http, [], ''],
  ];
  for (const [why, spec, ports, expected] of cases) {
    test(why, () => {
      const port = compileOne(service(spec), [slice('1', ports && { ports })]);
      equal(port.clusterEndpoints.map((one) => one.port).join(' '), expected);
    });
  }

  const skipped = [
    ['a headless slice', slice('1', {}, { labels: { 'service.kubernetes.io/headless': '' } })],
    ['an FQDN slice', slice('1', { addressType: 'FQDN' })],
    ['an address of the wrong family', slice('1', { endpoints: [{ addresses: ['fd00::1'] }] })],
    ['no address', slice('1', { endpoints: [{ addresses: [] }] })],
  ] as const;
  for (const [why, object] of skipped) {
    test(`${why} is skipped`, () => {
      deepEqual(compileOne(service(), [object]).clusterEndpoints, []);
    });
  }

  test('only the first address of an endpoint', () => {
    const endpoints = [{ addresses: ['10.1.0.1', '10.1.0.2'] }];
    equal(numbers(compileOne(service(), [slice('', { endpoints })]).clusterEndpoints), '1');
  });

  test('sorted by address:port as text', () => {
    const port = compileOne(service(), [slice('9 10'), slice('2 1')]);
    equal(numbers(port.clusterEndpoints), '10 1 2 9'); // "0" sorts before ":"
  });

  const twice = [
    // first slice   second slice    local  ready  why
    ['1:there', '1:here', true, true, 'the local copy wins'],
    ['1:here', '1:there', true, true, 'the local copy wins, also when first'],
    ['1:unready', '1', false, true, 'a ready copy wins'],
    ['1', '1:unready', false, true, 'a ready copy wins, also when first'],
    ['1:here:unready', '1:there', true, false, 'local comes before ready'],
  ] as const;
  for (const [first, second, local, ready, why] of twice) {
    test(`an endpoint in two slices: ${why}`, () => {
      const port = compileOne(service(), [slice(first), slice(second)]);
      const [endpoint, ...others] = [...port.clusterEndpoints, ...port.unusedEndpoints];
      deepEqual(others, []);
      equal(endpoint?.local, local);
      equal(port.clusterEndpoints.length === 1, ready);
    });
  }
});

suite('weights', () => {
  const annotated = (text: string): { annotations: Record<string, string> } => ({
    annotations: { 'portolan.dev/weights': text },
  });
  const weights = (port: ServicePort): string =>
    port.clusterEndpoints.map(({ weight }) => weight).join(' ');

  test('1 without annotation', () => equal(weights(compileOne(service(), [slice('1 2')])), '1 1'));

  test('from the Service, by address, address:port and default', () => {
    const object = service({}, annotated('10.1.0.1=5,10.1.0.2:8080=7,default=2'));
    equal(weights(compileOne(object, [slice('1 2 3')])), '5 7 2');
  });

  test('the Service comes before the slice', () => {
    const object = service({}, annotated('10.1.0.1=5'));
    const port = compileOne(object, [slice('1 2', {}, annotated('10.1.0.1=3,10.1.0.2=4'))]);
    equal(weights(port), '5 4');
  });

  test('0 stays listed, for planes to drain', () => {
    equal(weights(compileOne(service({}, annotated('10.1.0.1=0')), [slice('1 2')])), '0 1');
  });
});

test('the algorithm annotation is on every port', () => {
  const ports = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ];
  const object = service(
    { ports },
    { annotations: { 'portolan.dev/load-balancing': 'Least_Conn' } },
  );
  deepEqual(
    compile(object).ports.map(({ algorithm }) => algorithm),
    ['least-conn', 'least-conn'],
  );
});

suite('local ready endpoints for the health check', () => {
  const spec: ServiceSpec = {
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    healthCheckNodePort: 31_000,
    ports: [
      { name: 'a', port: 1 },
      { name: 'b', port: 2 },
    ],
  };
  const ports = [
    { name: 'a', port: 1 },
    { name: 'b', port: 2 },
  ];
  const cases = [
    ['1:here 2:here 3:there', 2, 'addresses, not ports'],
    ['1:here:terminating', 0, 'terminating ones serve, and do not count'],
    ['1:here:unready 2:here', 1, 'ready ones alone'],
  ] as const;
  for (const [text, expected, why] of cases) {
    test(why, () => {
      const compiled = compile(service(spec), [slice(text, { ports })]).ports;
      deepEqual(
        compiled.map((port) => port.localReadyCount),
        [expected, expected],
      );
    });
  }

  test('ports that differ in endpoints count together', () => {
    const slices = [
      slice('1:here', { ports: [{ name: 'a', port: 1 }] }),
      slice('2:here', { ports: [{ name: 'b', port: 2 }] }),
    ];
    equal(compileOne(service(spec), slices).localReadyCount, 2);
  });
});

suite('health', () => {
  const withHealth = (text: string, unhealthy: readonly number[]): ServicePort | undefined => {
    const endpoints = unhealthy.map((number) => ({
      address: `10.1.0.${number}`,
      port: 8080,
      healthy: false,
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }));
    const health = {
      apiVersion: 'portolan.dev/v1alpha1',
      kind: 'EndpointHealth',
      metadata: { namespace: 'web', name: 'shop' },
      status: { endpoints },
    } as const;
    return compileService({ ...bundle(service(), slice(text)), health }, here).ports[0];
  };
  const cases = [
    ['1 2', [1], '2', '1', 'a failing endpoint is left out and shown'],
    ['1 2', [1, 2], '1 2', '', 'all failing: checks are disregarded'],
    ['1:terminating', [1], '', '1', 'a failing last resort is none'],
    ['1:terminating 2', [2], '2', '1', 'the only ready one is kept, though it fails'],
  ] as const;
  for (const [text, unhealthy, used, unused, why] of cases) {
    test(why, () => {
      const port = withHealth(text, unhealthy);
      equal(numbers(port?.clusterEndpoints ?? []), used);
      equal(numbers(port?.unusedEndpoints ?? []), unused);
    });
  }
});
