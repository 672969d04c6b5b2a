import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../../../controller/base/index.ts';
import { EventCorrelator } from '../../../../controller/cluster/index.ts';

const problem = (message: string, name = 'web'): Problem => ({
  severity: 'warning',
  reason: 'NoEndpoints',
  message,
  object: { kind: 'Service', namespace: 'shop', name },
});

test('the same again counts on', () => {
  const correlator = new EventCorrelator();
  const kinds = [1, 2, 3].map(() => correlator.correlate(problem('none'), 0));
  deepEqual(
    kinds.map((one) => [one.kind, one.kind === 'again' ? one.count : 1]),
    [
      ['new', 1],
      ['again', 2],
      ['again', 3],
    ],
  );
});

test('the eleventh unlike message of one reason is combined with those after it', () => {
  const correlator = new EventCorrelator();
  const messages = Array.from({ length: 13 }, (_, n) => {
    const one = correlator.correlate(problem(`m${n}`), 0);
    return one.kind === 'dropped' ? 'dropped' : `${one.kind} ${one.message}`;
  });
  equal(messages[9], 'new m9');
  equal(messages[10], 'new (combined from similar events): m10');
  equal(messages[11], 'again (combined from similar events): m11');
  const later = correlator.correlate(problem('m14'), 601_000);
  equal(later.kind, 'new', 'after ten minutes they stand alone again');
});

test('one object gets 25 at once, then one in five minutes; others are not concerned', () => {
  const correlator = new EventCorrelator();
  const kindAt = (nowMs: number, name?: string): string =>
    correlator.correlate(problem('none', name), nowMs).kind;
  for (let n = 0; n < 25; n += 1) equal(kindAt(0) === 'dropped', false);
  equal(kindAt(0), 'dropped');
  equal(kindAt(0, 'api'), 'new');
  equal(kindAt(300_000), 'again');
  equal(kindAt(300_001), 'dropped');
});
