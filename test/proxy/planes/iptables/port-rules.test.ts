import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { IPFamily } from '../../../../controller/objects/index.ts';
import type { Algorithm } from '../../../../proxy/balancer/index.ts';
import { ChainNames } from '../../../../proxy/planes/iptables/chain-names.ts';
import { Dispatch } from '../../../../proxy/planes/iptables/dispatch.ts';
import { portRules, type RuleContext } from '../../../../proxy/planes/iptables/port-rules.ts';
import { endpoint, servicePort } from '../kernel/fixtures.ts';

function contextOf(names: ChainNames, family: IPFamily = 'IPv4'): RuleContext {
  const dispatch = new Dispatch(names, {
    family,
    mark: '0x4000',
    masqueraded: undefined,
    toNodePorts: [],
  });
  return {
    names,
    dispatch,
    options: { detector: { kind: 'none' }, sourceFilter: () => undefined },
  };
}

const shares: readonly (readonly [Algorithm, readonly number[], readonly string[]])[] = [
  [
    'random',
    [1, 1, 1],
    ['random --probability 0.3333333333', 'random --probability 0.5000000000', 'all'],
  ],
  [
    'weighted',
    [6, 3, 1],
    ['random --probability 0.6000000000', 'random --probability 0.7500000000', 'all'],
  ],
  ['weighted', [1, 0, 1], ['random --probability 0.5000000000', 'all']],
  ['weighted', [0, 0], ['random --probability 0.5000000000', 'all']],
  ['round-robin', [1, 1, 1], ['nth --every 3 --packet 0', 'nth --every 2 --packet 0', 'all']],
  ['random', [1], ['all']],
];
for (const [algorithm, weights, expected] of shares) {
  test(`${algorithm} of weights ${weights.join(':')}`, () => {
    const clusterEndpoints = weights.map((weight, place) =>
      endpoint(`10.244.0.${place + 1}`, { weight }),
    );
    const names = new ChainNames('P');
    const port = servicePort({ algorithm, clusterEndpoints });
    const rules = portRules(port, contextOf(names));
    const balancing = rules.chains.get(names.of('SVC', port.key)) ?? [];
    deepEqual(
      balancing.map((rule) => /--mode (.*?) -[pj]/.exec(rule)?.[1] ?? 'all'),
      expected,
    );
  });
}
