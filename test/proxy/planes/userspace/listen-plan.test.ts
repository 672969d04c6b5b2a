import { deepEqual } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { listenPlan } from '../../../../proxy/planes/userspace/listen-plan.ts';
import { endpoint, servicePort } from './fixtures.ts';

const some = [endpoint('10.0.0.1', 80)];
const full: Partial<ServicePort> = {
  port: 80,
  nodePort: 30080,
  clusterIP: '10.96.0.1',
  externalIPs: ['192.0.2.1'],
  loadBalancerIPs: ['198.51.100.1'],
  clusterEndpoints: some,
};

const inside = ['clusterIP 10.96.0.1:80'];
const outside = [
  'loadBalancer 198.51.100.1:80',
  'externalIP 192.0.2.1:80',
  'nodePort 127.0.0.1:30080',
];

const cases: readonly (readonly [string, Partial<ServicePort>, readonly string[]])[] = [
  // what                                 fields, over `full`   listens on
  ['everything', {}, [...inside, ...outside]],
  ['no clusterIP', { clusterIP: undefined }, outside],
  ['no nodePort', { nodePort: 0 }, [...inside, ...outside.slice(0, 2)]],
  ['no endpoints', { clusterEndpoints: [] }, []],
  ['internal Local, none local', { internalPolicy: 'Local' }, outside],
  [
    'internal Local, one local',
    { internalPolicy: 'Local', localEndpoints: some },
    [...inside, ...outside],
  ],
  [
    'external Local, none local: clients of this node may use the others',
    { externalPolicy: 'Local' },
    [...inside, ...outside],
  ],
  [
    'external Local, only local',
    { externalPolicy: 'Local', clusterEndpoints: [], localEndpoints: some },
    outside,
  ],
  [
    'one address in two roles keeps the filtered one',
    { externalIPs: ['198.51.100.1'], nodePort: 0 },
    [...inside, 'loadBalancer 198.51.100.1:80'],
  ],
  [
    'IPv6 takes NodePort addresses of its family',
    { family: 'IPv6', clusterIP: 'fd00::1', externalIPs: [], loadBalancerIPs: [] },
    ['clusterIP [fd00::1]:80', 'nodePort [::1]:30080'],
  ],
];

suite('listenPlan', () => {
  for (const [what, fields, expected] of cases) {
    test(what, () => {
      const plan = listenPlan(servicePort({ ...full, ...fields }), ['127.0.0.1', '::1']);
      deepEqual(
        [...plan].map(([address, { role }]) => `${role} ${address}`),
        expected,
      );
    });
  }
});
