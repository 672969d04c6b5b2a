import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { seededRandom } from '../../../../controller/base/index.ts';
import type { ServicePort } from '../../../../proxy/compile/table.ts';
import { EndpointPool } from '../../../../proxy/planes/userspace/endpoint-pool.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { endpoint, servicePort } from './fixtures.ts';

const [a, b, c] = ['a', 'b', 'c'].map((_, i) => endpoint(`10.0.0.${i + 1}`, 80));
if (!a || !b || !c) throw new Error('three endpoints');
const idOf = ({ address, port }: { address: string; port: number }): string => `${address}:${port}`;

function poolOf(fields: Partial<ServicePort>): { pool: EndpointPool; clock: FakeClock } {
  const clock = new FakeClock();
  const pool = new EndpointPool(clock, seededRandom(1));
  pool.update(servicePort(fields));
  return { pool, clock };
}

const picks = (pool: EndpointPool, count: number): Set<string> =>
  new Set(
    Array.from({ length: count }, () => pool.choose('cluster', '192.0.2.1')?.target.id ?? 'none'),
  );

suite('EndpointPool', () => {
  test('an empty scope has nothing to choose', () => {
    const { pool } = poolOf({ clusterEndpoints: [a] });
    equal(pool.choose('local', '192.0.2.1'), undefined);
  });

  test('weight 0 is chosen only where there is nothing else, and affinity keeps to that', () => {
    const affinity = { kind: 'ClientIP', timeoutSec: 60 } as const;
    const { pool } = poolOf({ affinity, clusterEndpoints: [a] });
    deepEqual(picks(pool, 3), new Set([idOf(a)]));
    pool.update(servicePort({ affinity, clusterEndpoints: [{ ...a, weight: 0 }, b] }));
    deepEqual(picks(pool, 3), new Set([idOf(b)]));
    pool.update(servicePort({ affinity, clusterEndpoints: [{ ...a, weight: 0 }] }));
    deepEqual(picks(pool, 3), new Set([idOf(a)]));
  });

  test('excluded endpoints are left out, also a tied one', () => {
    const affinity = { kind: 'ClientIP', timeoutSec: 60 } as const;
    const { pool } = poolOf({ affinity, clusterEndpoints: [a, b] });
    const tied = pool.choose('cluster', '192.0.2.1')?.target.id ?? '';
    const next = pool.choose('cluster', '192.0.2.1', new Set([tied]))?.target.id;
    equal(next, tied === idOf(a) ? idOf(b) : idOf(a));
    equal(pool.choose('cluster', '192.0.2.1', new Set([idOf(a), idOf(b)])), undefined);
  });

  test('counts stay with endpoints that stay, also over a change of algorithm', () => {
    const { pool } = poolOf({ clusterEndpoints: [a] });
    const choice = pool.choose('cluster', '192.0.2.1');
    if (!choice) throw new Error('nothing chosen');
    pool.started(choice);
    pool.update(servicePort({ clusterEndpoints: [{ ...a }, b], algorithm: 'least-conn' }));
    const active = (): readonly number[] => pool.activity().map((seen) => seen.active);
    deepEqual(active(), [1, 0]);
    pool.ended(choice);
    deepEqual(active(), [0, 0]);
  });

  test('a removed endpoint drains, and is forgotten with its last session', () => {
    const { pool } = poolOf({ clusterEndpoints: [a] });
    const choice = pool.choose('cluster', '192.0.2.1');
    if (!choice) throw new Error('nothing chosen');
    pool.started(choice);
    pool.update(servicePort({ clusterEndpoints: [b] }));
    equal(pool.has(idOf(a)), false);
    deepEqual(
      pool.activity().map(({ endpoint, draining }) => [endpoint, draining]),
      [
        [idOf(a), true],
        [idOf(b), false],
      ],
    );
    pool.ended(choice);
    deepEqual(
      pool.activity().map(({ endpoint }) => endpoint),
      [idOf(b)],
    );
  });

  test('isLastChoice: what may not be chosen is no choice', () => {
    const { pool } = poolOf({ clusterEndpoints: [a, b, { ...c, weight: 0 }] });
    equal(pool.isLastChoice('cluster', new Set()), false);
    equal(pool.isLastChoice('cluster', new Set([idOf(a)])), true);
    equal(pool.isLastChoice('local', new Set()), true);
  });

  test('switching affinity off forgets the ties', () => {
    const affinity = { kind: 'ClientIP', timeoutSec: 60 } as const;
    const { pool } = poolOf({ affinity, clusterEndpoints: [a, b] });
    equal(picks(pool, 4).size, 1);
    pool.update(servicePort({ clusterEndpoints: [a, b] }));
    equal(picks(pool, 4).size, 2);
  });
});
