import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressPool, Service } from '../../../../controller/objects/index.ts';
import {
  leaseVirtualIPs,
  rankNodes,
} from '../../../../controller/vip/objects/lease-virtual-ips.ts';

const pool = (spec: Partial<AddressPool['spec']> = {}): AddressPool => ({
  apiVersion: 'portolan.dev/v1alpha1',
  kind: 'AddressPool',
  metadata: { name: 'lan' },
  spec: { addresses: ['192.0.2.16/28'], interface: 'eth0', firstVirtualRouterID: 100, ...spec },
});
const service = (name: string, ...ips: readonly string[]): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'shop' },
  spec: { type: 'LoadBalancer' },
  status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
});
const nodes = ['a', 'b', 'c'];

test('an address of the pool becomes a virtual IP; others do not', () => {
  const { virtualIPs, problems } = leaseVirtualIPs(
    [pool()],
    [service('web', '192.0.2.18'), service('far', '198.51.100.1')],
    nodes,
  );
  deepEqual(problems, []);
  deepEqual(
    virtualIPs.map(({ spec }) => [spec.addresses, spec.virtualRouterID, spec.interface]),
    [[['192.0.2.18'], 102, 'eth0']],
  );
});

test('the ID follows the address alone, over all ranges of the pool', () => {
  const both = pool({ addresses: ['192.0.2.16/30', '2001:db8::10/126'] });
  const services = [service('web', '192.0.2.19'), service('six', '2001:DB8::12')];
  const ids = leaseVirtualIPs([both], services, nodes).virtualIPs.map(({ metadata, spec }) => [
    metadata.name,
    spec.virtualRouterID,
  ]);
  deepEqual(ids, [
    ['lan/192.0.2.19', 103],
    ['lan/2001:db8::12', 106],
  ]);
});

test('priorities fall with the rank, the same on every node', () => {
  const of = (order: readonly string[]) =>
    leaseVirtualIPs([pool()], [service('web', '192.0.2.18')], order).virtualIPs[0]?.spec.nodes;
  deepEqual(of(nodes), of(nodes.toReversed()));
  deepEqual(
    of(nodes)?.map(({ priority }) => priority),
    [254, 253, 252],
  );
});

test('addresses spread, and the loss of a node moves only its own', () => {
  const addresses = Array.from({ length: 300 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
  const holders = (of: readonly string[]) => addresses.map((one) => rankNodes(of, one)[0]);
  const before = holders(nodes);
  for (const node of nodes) {
    const share = before.filter((one) => one === node).length;
    ok(share > 70 && share < 130, `${node} holds ${share} of 300`);
  }
  const after = holders(['a', 'b']);
  for (const [at, node] of before.entries()) if (node !== 'c') equal(after[at], node);
});

const broken: readonly (readonly [spec: Partial<AddressPool['spec']>, reason: string])[] = [
  [{ addresses: ['192.0.2.0/24'] }, 'VirtualRouterIDsExhausted'],
  [{ firstVirtualRouterID: 0 }, 'VirtualRouterIDsExhausted'],
  [{ firstVirtualRouterID: 241 }, 'VirtualRouterIDsExhausted'],
  [{ addresses: ['192.0.2.1-9'] }, 'InvalidCIDR'],
];
for (const [spec, reason] of broken) {
  test(`${JSON.stringify(spec)}: ${reason}, and other pools go on`, () => {
    const good = { ...pool(), metadata: { name: 'good' } };
    const services = [service('web', '192.0.2.18')];
    const { virtualIPs, problems } = leaseVirtualIPs([pool(spec), good], services, nodes);
    deepEqual(
      problems.map((problem) => problem.reason),
      [reason],
    );
    deepEqual(
      virtualIPs.map(({ metadata }) => metadata.name),
      ['good/192.0.2.18'],
    );
  });
}
