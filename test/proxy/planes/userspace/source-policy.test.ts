import { equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TrafficPolicy } from '../../../../controller/objects/index.ts';
import type { ListenRole } from '../../../../proxy/planes/userspace/listen-plan.ts';
import {
  judgeSource,
  type NodeAddresses,
} from '../../../../proxy/planes/userspace/source-policy.ts';
import { SourceRanges } from '../../../../proxy/planes/userspace/source-ranges.ts';
import { servicePort } from './fixtures.ts';

const nodeIP = '192.0.2.10';
const vip = '198.51.100.1';
const node: NodeAddresses = {
  has: (address) => address === nodeIP || address === vip || address.startsWith('127.'),
  some: (test) => test(nodeIP),
};

const elsewhere = '203.0.113.5';
type Row = readonly [
  role: ListenRole,
  internal: TrafficPolicy,
  external: TrafficPolicy,
  from: string,
  ranges: readonly string[],
  expected: ReturnType<typeof judgeSource>,
];

const C = 'Cluster';
const L = 'Local';
const refused = 'outside-source-ranges';
const rows: readonly Row[] = [
  ['clusterIP', C, C, elsewhere, [], 'cluster'],
  ['clusterIP', C, L, elsewhere, [], 'cluster'],
  ['clusterIP', L, C, elsewhere, [], 'local'],
  ['clusterIP', L, C, nodeIP, [], 'local'],
  ['externalIP', L, C, elsewhere, [], 'cluster'],
  ['externalIP', C, L, elsewhere, [], 'local'],
  ['externalIP', C, L, nodeIP, [], 'cluster'],
  ['externalIP', C, L, '127.0.0.1', [], 'cluster'],
  ['nodePort', C, L, elsewhere, [], 'local'],
  ['loadBalancer', C, L, elsewhere, [], 'local'],
  // Source ranges: load-balancer addresses only, before any policy.
  ['loadBalancer', C, C, elsewhere, ['203.0.113.0/24'], 'cluster'],
  ['loadBalancer', C, L, elsewhere, ['203.0.113.0/24'], 'local'],
  ['loadBalancer', C, C, elsewhere, ['10.0.0.0/8'], refused],
  ['loadBalancer', C, L, '127.0.0.1', ['10.0.0.0/8'], refused],
  ['externalIP', C, C, elsewhere, ['10.0.0.0/8'], 'cluster'],
  ['nodePort', C, C, elsewhere, ['10.0.0.0/8'], 'cluster'],
  ['clusterIP', C, C, elsewhere, ['10.0.0.0/8'], 'cluster'],
  // A node that holds the address itself has it as source.
  ['loadBalancer', C, C, vip, ['192.0.2.0/24'], 'cluster'],
  ['loadBalancer', C, C, vip, ['10.0.0.0/8'], refused],
];

suite('judgeSource', () => {
  for (const [role, internalPolicy, externalPolicy, from, ranges, expected] of rows) {
    const filter = ranges.length > 0 ? `, ranges ${ranges.join()}` : '';
    test(`${role} from ${from}, ${internalPolicy}/${externalPolicy}${filter}: ${expected}`, () => {
      const port = servicePort({ internalPolicy, externalPolicy, loadBalancerIPs: [vip] });
      const sourceRanges = ranges.length > 0 ? new SourceRanges(ranges) : undefined;
      equal(judgeSource(port, role, from, sourceRanges, node), expected);
    });
  }
});

suite('SourceRanges', () => {
  const cases = [
    // ranges             address          inside  why
    [['10.0.0.0/8'], '10.255.0.1', true, 'in the network'],
    [['10.0.0.0/8'], '11.0.0.1', false, 'outside'],
    [['10.0.0.0/8', '11.0.0.1/32'], '11.0.0.1', true, 'the second'],
    [['0.0.0.0/0'], '203.0.113.5', true, 'everybody'],
    [['fd00::/8'], 'fd12::1', true, 'IPv6'],
    [['fe80::/10'], 'fe80::1%eth0', true, 'with a zone'],
    [['10.0.0.0/8'], 'fd00::1', false, 'of the other family'],
    [['10.0.0.0/33'], '10.0.0.1', false, 'no CIDR: lets nobody in'],
    [['nonsense'], '10.0.0.1', false, 'no CIDR: lets nobody in'],
    [['10.0.0.0/8'], '', false, 'a peer that has gone'],
  ] as const;
  for (const [ranges, address, inside, why] of cases) {
    test(`${ranges.join()} and ${address || "''"}: ${why}`, () => {
      equal(new SourceRanges(ranges).contains(address), inside);
    });
  }
});
