import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseDurationMs } from '../../../controller/base/duration.ts';

const cases: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['5s', 5000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['1h2m3s4ms', 3_723_004],
  ['0', 0],
  ['0s', 0],
  ['5', undefined],
  ['', undefined],
  ['s', undefined],
  ['-5s', undefined],
  ['5 s', undefined],
  ['5S', undefined],
  ['5seconds', undefined],
  ['1e3s', undefined],
  ['.5s', undefined],
  ['1us', undefined],
];

for (const [text, ms] of cases) {
  test(`duration "${text}" is ${ms ?? 'refused'}`, () => equal(parseDurationMs(text), ms));
}

test('any text gives a number of milliseconds or undefined', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('1', '0', '.', 'm', 's', 'h', ' ') }), (text) => {
      const ms = parseDurationMs(text);
      equal(ms === undefined || (Number.isFinite(ms) && ms >= 0), true);
    }),
  );
});
