import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceSpec } from '../../../controller/objects/index.ts';
import { keepAllocations } from '../../../controller/store/service-strategy.ts';
import { service } from './objects.ts';

const ip = { clusterIP: '127.96.0.9', clusterIPs: ['127.96.0.9'] } as const;
const v4 = { ...ip, ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' } as const;
const dual = {
  clusterIP: '127.96.0.9',
  clusterIPs: ['127.96.0.9', 'fd00::9'],
  ipFamilies: ['IPv4', 'IPv6'],
  ipFamilyPolicy: 'PreferDualStack',
} as const;
const port = (name: string, nodePort?: number) =>
  nodePort === undefined ? { name, port: 80 } : { name, port: 80, nodePort };

const cases: readonly [why: string, before: ServiceSpec, after: ServiceSpec, want: ServiceSpec][] =
  [
    ['addresses stay', { ...v4 }, {}, { ...v4 }],
    [
      'a new address brings its own list',
      { ...v4 },
      { clusterIP: '127.96.0.7' },
      {
        clusterIP: '127.96.0.7',
        ipFamilyPolicy: 'SingleStack',
      },
    ],
    [
      'None stays',
      { clusterIP: 'None', clusterIPs: ['None'] },
      {},
      { clusterIP: 'None', clusterIPs: ['None'] },
    ],
    [
      'ExternalName sheds addresses',
      { ...v4 },
      { type: 'ExternalName', externalName: 'a.b' },
      {
        type: 'ExternalName',
        externalName: 'a.b',
      },
    ],
    [
      'ExternalName sheds repeated addresses',
      { ...v4 },
      { type: 'ExternalName', ...v4 },
      { type: 'ExternalName' },
    ],
    ['from ExternalName nothing comes', { type: 'ExternalName', ...ip }, {}, {}],
    ['dual to single keeps the first', { ...dual }, { ...dual, ipFamilyPolicy: 'SingleStack' }, v4],
    [
      'node ports stay by name',
      { type: 'NodePort', ports: [port('a', 30001), port('b', 30002)] },
      { type: 'NodePort', ports: [port('b'), port('a'), port('c')] },
      { type: 'NodePort', ports: [port('b', 30002), port('a', 30001), port('c')] },
    ],
    [
      'node ports stay over NodePort → LoadBalancer',
      { type: 'NodePort', ports: [port('a', 30001)] },
      { type: 'LoadBalancer', ports: [port('a')] },
      { type: 'LoadBalancer', ports: [port('a', 30001)] },
    ],
    [
      'a number asked for elsewhere is not reused',
      { type: 'NodePort', ports: [port('a', 30001)] },
      { type: 'NodePort', ports: [port('a'), port('b', 30001)] },
      { type: 'NodePort', ports: [port('a'), port('b', 30001)] },
    ],
    [
      'ClusterIP sheds repeated node ports',
      { type: 'NodePort', ports: [port('a', 30001)] },
      { type: 'ClusterIP', ports: [port('a', 30001)] },
      { type: 'ClusterIP', ports: [port('a')] },
    ],
    [
      'health check port stays',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30009 },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30009 },
    ],
    [
      'health check port goes with its policy',
      { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30009 },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster', healthCheckNodePort: 30009 },
      { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' },
    ],
    [
      'class goes with the type',
      { type: 'LoadBalancer', loadBalancerClass: 'x/y' },
      { type: 'NodePort', loadBalancerClass: 'x/y' },
      { type: 'NodePort' },
    ],
  ];
for (const [why, before, after, want] of cases) {
  test(why, () => {
    const kept = keepAllocations(service('shop/web', before), service('shop/web', after));
    deepEqual(kept.spec, want);
  });
}
