import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { PrometheusMeter } from '../../../daemon/metrics/prometheus-meter.ts';

test('sums add up series that agree in the labels asked for', () => {
  const meter = new PrometheusMeter();
  const requests = meter.counter({ name: 'r', help: 'h', labelNames: ['a', 'b'] });
  requests.bind({ a: 'x', b: '1' }).inc(2);
  requests.bind({ a: 'x', b: '2' }).inc(3);
  requests.bind({ a: 'y', b: '1' }).inc(4);
  const took = meter.histogram({ name: 't', help: 'h', buckets: [1, 2] });
  took.bind().observe(1.5);
  const rows = meter.sums([
    { metric: 'r', by: ['a'] },
    { metric: 'r', by: [] },
    { metric: 't_bucket', by: ['le'] },
    { metric: 'absent', by: [] },
  ]);
  deepEqual(rows, [
    { metric: 'r', labels: ['x'], value: 5 },
    { metric: 'r', labels: ['y'], value: 4 },
    { metric: 'r', labels: [], value: 9 },
    { metric: 't_bucket', labels: ['1'], value: 0 },
    { metric: 't_bucket', labels: ['2'], value: 1 },
    { metric: 't_bucket', labels: ['+Inf'], value: 1 },
  ]);
});
