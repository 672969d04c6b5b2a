import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { ChainNames } from '../../../../proxy/planes/iptables/chain-names.ts';
import { Dispatch } from '../../../../proxy/planes/iptables/dispatch.ts';
import { type SharedChain, SharedChains } from '../../../../proxy/planes/iptables/shared-chains.ts';

const dispatch = new Dispatch(new ChainNames('P'), {
  family: 'IPv4',
  mark: '0x4000',
  masqueraded: ' ! -s 10.244.0.0/16',
  toNodePorts: ['-d 192.0.2.1/32 -j P-NODEPORTS'],
});

function start() {
  const chains = new SharedChains();
  for (const chain of dispatch.permanent) chains.keep(chain);
  return {
    chains,
    /** Names of the chains that the replacement touches. */
    replace: (owner: string, ...rules: readonly (readonly [SharedChain, string])[]) => {
      const touched = new Set<SharedChain>();
      chains.replace(
        owner,
        rules.map(([chain, rule]) => ({ chain, rule })),
        touched,
      );
      return [...touched].map(({ name }) => name).toSorted();
    },
  };
}

const near = dispatch.clusterIP('10.96.3.1');
const sameLeaf = dispatch.clusterIP('10.96.3.200');
const otherLeaf = dispatch.clusterIP('10.96.4.1');

test('the first address makes its leaf and the way there', () => {
  const { chains, replace } = start();
  deepEqual(replace('a', [near, 'to-a']), ['P-C-10.96.0.0_16', 'P-C-10.96.3.0_24', 'P-SERVICES']);
  deepEqual(chains.rulesOf('P-SERVICES'), [
    '-d 10.96.0.0/16 -j P-C-10.96.0.0_16',
    '-d 192.0.2.1/32 -j P-NODEPORTS',
  ]);
  deepEqual(chains.rulesOf('P-C-10.96.0.0_16'), [
    '! -s 10.244.0.0/16 -j P-MARK-MASQ',
    '-d 10.96.3.0/24 -j P-C-10.96.3.0_24',
    '-j MARK --set-xmark 0x0/0x4000',
  ]);
});

test('another in the same leaf touches the leaf alone; in another, what leads there', () => {
  const { replace } = start();
  replace('a', [near, 'to-a']);
  deepEqual(replace('b', [sameLeaf, 'to-b']), ['P-C-10.96.3.0_24']);
  deepEqual(replace('c', [otherLeaf, 'to-c']), ['P-C-10.96.0.0_16', 'P-C-10.96.4.0_24']);
});

test('the same rules again touch nothing', () => {
  const { replace } = start();
  replace('a', [near, 'to-a']);
  deepEqual(replace('a', [near, 'to-a']), []);
});

test('a leaf goes with its last rule, and the way there with its last leaf', () => {
  const { chains, replace } = start();
  replace('a', [near, 'to-a']);
  replace('b', [sameLeaf, 'to-b']);
  deepEqual(replace('a'), ['P-C-10.96.3.0_24']);
  deepEqual(replace('b'), ['P-C-10.96.0.0_16', 'P-C-10.96.3.0_24', 'P-SERVICES']);
  deepEqual(chains.rulesOf('P-C-10.96.3.0_24'), undefined);
  deepEqual(chains.rulesOf('P-SERVICES'), ['-d 192.0.2.1/32 -j P-NODEPORTS']);
});

test('an address that moves takes its rules along', () => {
  const { chains, replace } = start();
  replace('a', [near, 'to-a']);
  replace('a', [otherLeaf, 'to-a']);
  deepEqual(chains.rulesOf('P-C-10.96.3.0_24'), undefined);
  deepEqual(chains.rulesOf('P-C-10.96.4.0_24'), ['to-a']);
});

test('NodePorts have leaves of 256 ports', () => {
  const leaf = dispatch.nodePort('UDP', 30_080);
  deepEqual(leaf.parent?.rule, '-p udp -m udp --dport 29952:30207 -j P-N-udp-29952');
});
