import { deepEqual } from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ServiceSpec } from '../../../controller/objects/index.ts';
import { compileOne, numbers, service, slice } from './objects.ts';

/** What is asked of a Service, by the traffic that it gets. */
const nodePort = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] } as const;
const policies = {
  cluster: {},
  'internal Local': { internalTrafficPolicy: 'Local' },
  'external Local': { ...nodePort, externalTrafficPolicy: 'Local' },
  'both Local': {
    ...nodePort,
    internalTrafficPolicy: 'Local',
    externalTrafficPolicy: 'Local',
  },
  'external Local, unreachable': { externalTrafficPolicy: 'Local' },
} as const satisfies Record<string, ServiceSpec>;

interface Row {
  readonly policy: keyof typeof policies;
  /** See `endpoints` in objects.ts. */
  readonly endpoints: string;
  readonly cluster: string;
  readonly local: string;
  readonly any: boolean;
  /** Default: none. */
  readonly unused?: string;
}

/** Node `here`, zone `zone-a`. */
// biome-ignore format: a table, one row a line
const rows: { readonly [why: string]: Row } = {
  // Readiness
  'ready ones alone': { policy: 'cluster', endpoints: '1 2:unready 3', cluster: '1 3', local: '', any: true, unused: '2' },
  'serving without terminating is never used': { policy: 'cluster', endpoints: '1:serving', cluster: '', local: '', any: false, unused: '1' },
  'no endpoint at all': { policy: 'cluster', endpoints: '', cluster: '', local: '', any: false },
  'terminating ones if none is ready': { policy: 'cluster', endpoints: '1:terminating 2:gone 3:unready', cluster: '1', local: '', any: true, unused: '2 3' },
  'no terminating one beside a ready one': { policy: 'cluster', endpoints: '1:terminating 2', cluster: '2', local: '', any: true, unused: '1' },
  'terminating that no longer serves': { policy: 'cluster', endpoints: '1:gone', cluster: '', local: '', any: false, unused: '1' },

  // Local policies
  'internal Local wants this node': { policy: 'internal Local', endpoints: '1:here 2:there', cluster: '', local: '1', any: true },
  'internal Local, all elsewhere: drop': { policy: 'internal Local', endpoints: '1:there', cluster: '', local: '', any: true },
  'internal Local, nothing anywhere: reject': { policy: 'internal Local', endpoints: '1:there:unready', cluster: '', local: '', any: false, unused: '1' },
  'internal Local, terminating elsewhere: drop': { policy: 'internal Local', endpoints: '1:there:terminating', cluster: '', local: '', any: true, unused: '1' },
  'absent nodeName is not local': { policy: 'internal Local', endpoints: '1', cluster: '', local: '', any: true },
  'external Local keeps the Cluster set for short circuits': { policy: 'external Local', endpoints: '1:here 2:there', cluster: '1 2', local: '1', any: true },
  'both Local, reached from outside: Cluster set too': { policy: 'both Local', endpoints: '1:here 2:there', cluster: '1 2', local: '1', any: true },
  'external Local counts only if reachable from outside': { policy: 'external Local, unreachable', endpoints: '1:here', cluster: '1', local: '', any: true },
  'the two fall back apart: local terminating, cluster ready': { policy: 'external Local', endpoints: '1:here:terminating 2:there', cluster: '2', local: '1', any: true },
  'no local fallback beside a local ready one': { policy: 'external Local', endpoints: '1:here:terminating 2:here', cluster: '2', local: '2', any: true, unused: '1' },
  'cluster falls back to all, local to its own': { policy: 'external Local', endpoints: '1:here:terminating 2:there:terminating', cluster: '1 2', local: '1', any: true },

  // Hints
  'zone hints': { policy: 'cluster', endpoints: '1:zone=zone-a 2:zone=zone-b', cluster: '1', local: '', any: true },
  'a hint for several zones': { policy: 'cluster', endpoints: '1:zone=zone-b+zone-a 2:zone=zone-b', cluster: '1', local: '', any: true },
  'no hint names this zone': { policy: 'cluster', endpoints: '1:zone=zone-b 2:zone=zone-c', cluster: '1 2', local: '', any: true },
  'one ready endpoint without hint switches hints off': { policy: 'cluster', endpoints: '1:zone=zone-a 2:zone=zone-b 3', cluster: '1 2 3', local: '', any: true },
  'an unready endpoint without hint does not': { policy: 'cluster', endpoints: '1:zone=zone-a 2:zone=zone-b 3:unready', cluster: '1', local: '', any: true, unused: '3' },
  'the hinted zone has unready ones alone': { policy: 'cluster', endpoints: '1:zone=zone-a:unready 2:zone=zone-b', cluster: '2', local: '', any: true, unused: '1' },
  'the fallback heeds no hints': { policy: 'cluster', endpoints: '1:terminating:zone=zone-a 2:terminating:zone=zone-b', cluster: '1 2', local: '', any: true },
  'node hints': { policy: 'cluster', endpoints: '1:node=here 2:node=there', cluster: '1', local: '', any: true },
  'node hints come before zone hints': { policy: 'cluster', endpoints: '1:node=here:zone=zone-a 2:node=there:zone=zone-a', cluster: '1', local: '', any: true },
  'zone hints if no node hint is for here': { policy: 'cluster', endpoints: '1:node=x:zone=zone-a 2:node=y:zone=zone-b', cluster: '1', local: '', any: true },
  'node hints not on all: zone hints': { policy: 'cluster', endpoints: '1:node=here:zone=zone-b 2:zone=zone-a', cluster: '2', local: '', any: true },
  'Local policy ignores hints': { policy: 'internal Local', endpoints: '1:here:zone=zone-b 2:there:zone=zone-a', cluster: '', local: '1', any: true },
  'external Local with hints: local by policy, cluster by hint': { policy: 'external Local', endpoints: '1:here:zone=zone-b 2:there:zone=zone-a', cluster: '2', local: '1', any: true },
};

suite('which endpoints a Service port uses', () => {
  for (const [why, { policy, endpoints, unused = '', ...expected }] of Object.entries(rows)) {
    test(`${policy}: ${why}`, () => {
      const port = compileOne(service(policies[policy]), [slice(endpoints)]);
      deepEqual(
        {
          cluster: numbers(port.clusterEndpoints),
          local: numbers(port.localEndpoints),
          any: port.hasAnyEndpoint,
          unused: numbers(port.unusedEndpoints),
        },
        { ...expected, unused },
      );
    });
  }

  for (const [why, policy, endpoints, expected] of [
    ['hints leave it out', 'cluster', '1:zone=zone-a 2:zone=zone-b', ['10.1.0.2']],
    ['a Local policy leaves it out', 'internal Local', '1:here 2:there', ['10.1.0.2']],
    ['it terminates beside a ready one', 'cluster', '1:terminating 2', ['10.1.0.1']],
    ['it serves and is not ready', 'cluster', '1:serving 2', ['10.1.0.1']],
    ['nothing is left out', 'cluster', '1 2', undefined],
    ['what is left out does not serve', 'cluster', '1 2:unready 3:gone', undefined],
  ] as const) {
    test(`flows to an endpoint may go on: ${why}`, () => {
      const port = compileOne(service(policies[policy]), [slice(endpoints)]);
      deepEqual(port.alsoServing, expected);
    });
  }

  for (const zone of ['', undefined]) {
    test(`without a zone of its own (${zone}) the node heeds no zone hint`, () => {
      const slices = [slice('1:zone=zone-a 2:zone=zone-b')];
      const port = compileOne(service(), slices, { name: 'here', zone });
      deepEqual(numbers(port.clusterEndpoints), '1 2');
    });
  }
});
