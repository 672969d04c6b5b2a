import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { healthOf, type Judgement, judge } from '../../../controller/health/thresholds.ts';

const unknown: Judgement = { kind: 'unknown' };
const up: Judgement = { kind: 'judged', healthy: true, streak: 0 };
const down: Judgement = { kind: 'judged', healthy: false, streak: 0 };
const recalledUp: Judgement = { kind: 'recalled', healthy: true };
const recalledDown: Judgement = { kind: 'recalled', healthy: false };

/** Results in (`+` success, `-` failure), states out (`U` up, `D` down). */
const cases: readonly (readonly [
  from: Judgement,
  successThreshold: number,
  failureThreshold: number,
  results: string,
  states: string,
  why: string,
])[] = [
  [unknown, 1, 2, '+', 'U', 'the first result decides'],
  [unknown, 1, 2, '-', 'D', 'the first result decides, whatever the threshold'],
  [unknown, 3, 2, '-++', 'DDD', 'from then on thresholds hold'],
  [recalledUp, 1, 3, '-', 'D', 'a record is not confirmed: the first result decides'],
  [recalledDown, 3, 3, '+', 'U', 'in both directions'],
  [recalledDown, 1, 1, '-', 'D', 'and may confirm it'],
  [up, 1, 1, '-+-', 'DUD', 'thresholds of 1 follow each result'],
  [up, 1, 2, '--', 'UD', 'two failures in a row'],
  [up, 1, 2, '-+-+-', 'UUUUU', 'failures that are not in a row'],
  [up, 1, 3, '--+---', 'UUUUUD', 'a success starts the count anew'],
  [up, 2, 1, '-+-++', 'DDDDU', 'successes must be in a row as well'],
  [down, 3, 1, '++++', 'DDUU', 'stays where it is'],
];

for (const [from, successThreshold, failureThreshold, results, states, why] of cases) {
  const name = `${from.kind} ${results} with thresholds ${successThreshold}/${failureThreshold}`;
  test(`${name} gives ${states}: ${why}`, () => {
    let judgement = from;
    let seen = '';
    for (const result of results) {
      judgement = judge(judgement, result === '+', { successThreshold, failureThreshold });
      seen += healthOf(judgement) ? 'U' : 'D';
    }
    equal(seen, states);
  });
}

test('nothing is known of an unknown target', () => equal(healthOf(unknown), undefined));
