import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { endpoint, servicePort } from './fixtures.ts';

const a = endpoint('10.244.0.1', { local: true });
const b = endpoint('10.244.1.1');

/** One Service port of each form; the golden file shows what each becomes. */
export const planPorts: readonly ServicePort[] = [
  servicePort({ name: 'cluster-ip', clusterIP: '10.96.0.1', clusterEndpoints: [a, b] }),
  servicePort({
    name: 'weighted',
    clusterIP: '10.96.0.2',
    clusterEndpoints: [a, { ...b, weight: 3 }],
  }),
  servicePort({
    name: 'node-port',
    clusterIP: '10.96.0.3',
    nodePort: 30080,
    externalIPs: ['198.51.100.1'],
    clusterEndpoints: [a, b],
  }),
  servicePort({
    name: 'external-local',
    clusterIP: '10.96.0.4',
    nodePort: 30081,
    externalPolicy: 'Local',
    loadBalancerIPs: ['203.0.113.1'],
    loadBalancerSourceRanges: ['192.0.2.0/24', '192.0.2.128/25', '2001:db8::/32'],
    clusterEndpoints: [a, b],
    localEndpoints: [a],
  }),
  servicePort({
    name: 'none-local',
    clusterIP: '10.96.0.5',
    nodePort: 30082,
    internalPolicy: 'Local',
    externalPolicy: 'Local',
    clusterEndpoints: [b],
  }),
  servicePort({ name: 'no-endpoints', clusterIP: '10.96.0.6', nodePort: 30083 }),
  servicePort({
    name: 'affine',
    clusterIP: '10.96.0.7',
    protocol: 'UDP',
    affinity: { kind: 'ClientIP', timeoutSec: 60 },
    clusterEndpoints: [a, b],
  }),
  servicePort({
    name: 'turns',
    clusterIP: '10.96.0.8',
    protocol: 'SCTP',
    algorithm: 'round-robin',
    clusterEndpoints: [a, b],
  }),
  servicePort({
    name: 'six',
    family: 'IPv6',
    clusterIP: 'fd96::1',
    nodePort: 30084,
    clusterEndpoints: [endpoint('fd44::1'), endpoint('fd44::2')],
  }),
];
