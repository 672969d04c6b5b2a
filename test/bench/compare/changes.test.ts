import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import type { Measurement } from '../../../bench/bench.ts';
import { compareRuns } from '../../../bench/compare/changes.ts';

function measured(
  better: Measurement['better'],
  peer: number | undefined,
  own: number,
): readonly Measurement[] {
  const one = (name: string, value: number) => ({
    name,
    median: value,
    least: value,
    greatest: value,
  });
  const contenders = [...(peer === undefined ? [] : [one('peer', peer)]), one('portolan', own)];
  const base = { title: 'rate', unit: 'requests/s', better, contenders } as const;
  return [peer === undefined ? base : { ...base, baseline: 'peer' }];
}

const cases = [
  { name: 'twice the rate', better: 'more', before: [100], after: [200], verdict: 'better' },
  { name: 'half the rate', better: 'more', before: [100], after: [50], verdict: 'worse' },
  { name: 'half the time', better: 'less', before: [100], after: [50], verdict: 'better' },
  { name: 'twice the time', better: 'less', before: [100], after: [200], verdict: 'worse' },
  { name: 'below what is noticeable', better: 'more', before: [100], after: [97], verdict: 'same' },
  {
    name: 'runs that overlap',
    better: 'more',
    before: [60, 100, 110],
    after: [50, 70, 80],
    verdict: 'same',
  },
  {
    name: 'runs apart',
    better: 'more',
    before: [90, 100, 110],
    after: [50, 70, 80],
    verdict: 'worse',
  },
] as const;

for (const { name, better, before, after, verdict } of cases) {
  test(`${name} is ${verdict}`, () => {
    const runs = (values: readonly number[]) =>
      values.map((value) => measured(better, undefined, value));
    deepEqual(
      compareRuns(runs(before), runs(after)).map((change) => change.verdict),
      [verdict],
    );
  });
}

test('a machine that is half as fast for the peer too changes nothing', () => {
  const [change] = compareRuns([measured('more', 100, 80)], [measured('more', 50, 40)]);
  deepEqual([change?.verdict, change?.ratio, change?.unit], ['same', 1, '% of peer']);
});

test('what only one revision measures is left out', () => {
  deepEqual(compareRuns([[]], [measured('more', undefined, 1)]), []);
});
