import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { activeDownIntervalMs, skewTimeMs } from '../../../../controller/vip/election/timing.ts';

/** As keepalived 2.2.7 computes them; milliseconds. */
const cases = [
  [2, 100, 1000, 609, 3609],
  [2, 100, 5000, 609, 15_609],
  [3, 100, 1000, 609, 3609],
  [3, 100, 100, 61, 361],
  [3, 100, 10, 6, 36],
  [3, 254, 1000, 8, 3008],
  [3, 1, 1000, 996, 3996],
] as const;
for (const [version, priority, intervalMs, skewMs, downMs] of cases) {
  test(`version ${version}, priority ${priority}, ${intervalMs} ms`, () => {
    equal(Math.round(skewTimeMs(version, priority, intervalMs)), skewMs);
    equal(Math.round(activeDownIntervalMs(version, priority, intervalMs)), downMs);
  });
}
