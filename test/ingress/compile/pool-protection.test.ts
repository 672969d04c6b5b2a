import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PoolProtection,
  protectionAnnotation,
  protectionOf,
  usualProtection,
} from '../../../ingress/compile/pool-protection.ts';

const cases: readonly (readonly [string, Partial<PoolProtection>, number])[] = [
  ['consecutive-errors=3', { consecutiveErrors: 3 }, 0],
  ['consecutive-errors=off', { consecutiveErrors: Number.POSITIVE_INFINITY }, 0],
  [' consecutive-5xx = 7 , ejection=30s ', { consecutive5xx: 7, ejectionMs: 30_000 }, 0],
  ['max-ejection=10m,max-ejected=10%', { maxEjectionMs: 600_000, maxEjectedShare: 0.1 }, 0],
  [
    'requests-per-endpoint=100,pending-requests=50,pending=500ms',
    { requestsPerEndpoint: 100, pendingRequests: 50, pendingMs: 500 },
    0,
  ],
  ['slow-start=1m30s', { slowStartMs: 90_000 }, 0],
  ['consecutive-errors=0', {}, 1],
  ['max-ejected=101%,slow-start=1m', { slowStartMs: 60_000 }, 1],
  ['max-ejected=0.5', {}, 1],
  ['colour=red', {}, 1],
  ['', {}, 1],
];
for (const [text, expected, errors] of cases) {
  test(`${protectionAnnotation}: "${text}"`, () => {
    const found = protectionOf({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'a', namespace: 'b', annotations: { [protectionAnnotation]: text } },
    });
    deepEqual(found.protection, { ...usualProtection, ...expected });
    equal(found.errors.length, errors);
  });
}
