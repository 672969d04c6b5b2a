import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { hashedSlots, hashSlots, weightedSlots } from '../../../../proxy/planes/kernel/index.ts';
import { endpoint } from './fixtures.ts';

const of = (...weights: readonly number[]) =>
  weights.map((weight, place) => endpoint(`10.244.0.${place + 1}`, { weight }));

const cases = [
  [[1, 1], [1, 1], 'one each'],
  [[500, 500], [1, 1], 'by the greatest common divisor'],
  [[6, 3, 3], [2, 1, 1], 'in proportion'],
  [[1, 0], [1, 0], 'weight 0 gets nothing'],
  [[0, 0], [1, 1], 'unless all are 0'],
  [[999, 1], [255, 1], 'at most 256 slots, one at least'],
] as const;
for (const [weights, expected, why] of cases) {
  test(`weights ${weights.join(':')} are ${expected.join(':')} slots: ${why}`, () => {
    const endpoints = of(...weights);
    const slots = weightedSlots(endpoints);
    deepEqual(
      endpoints.map((one) => slots.filter((slot) => slot === one).length),
      [...expected],
    );
  });
}

test('an endpoint that goes moves its own slots alone', () => {
  const endpoints = of(1, 1, 1, 1, 1);
  const before = hashedSlots(endpoints);
  const after = hashedSlots(endpoints.slice(1));
  equal(before.length, hashSlots);
  for (const [slot, owner] of before.entries()) {
    if (owner !== endpoints[0]) equal(after[slot], owner);
  }
});

test('slots of a hash table follow the weights', () => {
  const endpoints = of(3, 1);
  const share = hashedSlots(endpoints).filter((one) => one === endpoints[0]).length / hashSlots;
  ok(Math.abs(share - 0.75) < 0.05, `${share}`);
});
