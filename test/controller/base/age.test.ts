import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { ageText, humanDuration } from '../../../controller/base/index.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

// The rows of TestHumanDuration in k8s.io/apimachinery that make a difference, and the borders.
const cases: readonly (readonly [spanMs: number, text: string])[] = [
  [-2 * second, '<invalid>'],
  [-second, '0s'],
  [0, '0s'],
  [second, '1s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [2 * minute + 6 * second, '2m6s'],
  [10 * minute - second, '9m59s'],
  [10 * minute + 30 * second, '10m'],
  [3 * hour - second, '179m'],
  [3 * hour, '3h'],
  [3 * hour + 5 * minute, '3h5m'],
  [8 * hour + 30 * minute, '8h'],
  [48 * hour - second, '47h'],
  [2 * day, '2d'],
  [2 * day + 4 * hour, '2d4h'],
  [8 * day + 4 * hour, '8d'],
  [2 * year - second, '729d'],
  [2 * year + 30 * day, '2y30d'],
  [2 * year, '2y'],
  [8 * year + 30 * day, '8y'],
];
for (const [spanMs, text] of cases) {
  test(`${spanMs} ms is ${text}`, () => equal(humanDuration(spanMs), text));
}

test('an object without a time of creation has no known age', () => {
  equal(ageText(undefined, 0), '<unknown>');
  equal(ageText('yesterday', 0), '<unknown>');
  equal(ageText('1970-01-01T00:00:00Z', 5 * second), '5s');
});
