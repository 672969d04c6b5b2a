import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { usualProtection, type PoolProtection } from '../../../../ingress/index.ts';
import { EndpointWatch } from '../../../../ingress/engines/shared/endpoint-watch.ts';

const protection: PoolProtection = {
  ...usualProtection,
  consecutiveErrors: 3,
  consecutive5xx: 2,
  ejectionMs: 10,
  maxEjectionMs: 25,
};
const half = (): number => 0.5;

function watchOf(ids: string, over: Partial<PoolProtection> = {}): EndpointWatch {
  const watch = new EndpointWatch({ ...protection, ...over });
  watch.update(ids.split(' '), { ...protection, ...over }, 0);
  return watch;
}

const avoided = (watch: EndpointWatch, nowMs: number): readonly string[] => [
  ...(watch.avoided(nowMs, half) ?? []),
];

test('errors in a row eject, others do not', () => {
  const watch = watchOf('a b c');
  watch.failed('a', 0);
  watch.failed('a', 0);
  watch.answered('a', 200, 0);
  watch.failed('a', 0);
  watch.failed('a', 0);
  deepEqual(avoided(watch, 0), []);
  equal(watch.failed('a', 0), true);
  deepEqual(avoided(watch, 9), ['a']);
  deepEqual(avoided(watch, 10), []);
});

test('each ejection is longer, up to a limit, and good behaviour is rewarded', () => {
  const watch = watchOf('a b c');
  let nowMs = 0;
  const lengths = [];
  for (let turn = 0; turn < 4; turn += 1) {
    const from = nowMs;
    for (let n = 0; n < 3; n += 1) watch.failed('a', nowMs);
    while (avoided(watch, nowMs).length > 0) nowMs += 1;
    lengths.push(nowMs - from);
  }
  deepEqual(lengths, [10, 20, 25, 25]);
  nowMs += 1_000;
  for (let n = 0; n < 3; n += 1) watch.failed('a', nowMs);
  deepEqual(avoided(watch, nowMs + 24), ['a']);
});

test('no more than a share is ejected', () => {
  const watch = watchOf('a b c d');
  const eject = (id: string): boolean => {
    watch.failed(id, 0);
    watch.failed(id, 0);
    return watch.failed(id, 0);
  };
  deepEqual(['a', 'b', 'c', 'd'].map(eject), [true, true, false, false]);
  deepEqual(avoided(watch, 5), ['a', 'b']);
});

test('the only one is never ejected', () => {
  const watch = watchOf('a');
  for (let n = 0; n < 10; n += 1) equal(watch.failed('a', 0), false);
});

const statuses = [
  ['500 twice', [500, 503], true],
  ['with a 200 between', [500, 200, 500], false],
  ['404 is an answer', [404, 404, 404], false],
] as const;
for (const [what, answers, expected] of statuses) {
  test(`statuses: ${what}`, () => {
    const watch = watchOf('a b');
    equal(answers.map((status) => watch.answered('a', status, 0)).at(-1), expected);
  });
}

test('full ones are avoided until a request ends', () => {
  const watch = watchOf('a b', { requestsPerEndpoint: 2 });
  watch.started('a');
  deepEqual(avoided(watch, 0), []);
  watch.started('a');
  deepEqual(avoided(watch, 0), ['a']);
  equal(watch.isFull('a'), true);
  watch.ended('a');
  deepEqual(avoided(watch, 0), []);
});

test('slow start: a new one among old ones gets up to its share', () => {
  const watch = watchOf('a b', { slowStartMs: 100 });
  const slow = { ...protection, slowStartMs: 100 };
  deepEqual(avoided(watch, 0), []);
  watch.update(['a', 'b', 'c'], slow, 1_000);
  const shareAt = (nowMs: number): number =>
    Array.from({ length: 100 }, (_, n) => watch.avoided(nowMs, () => n / 100)).filter((one) => !one)
      .length;
  deepEqual([1_000, 1_050, 1_100].map(shareAt), [10, 55, 100]);
});

test('what has left is forgotten', () => {
  const watch = watchOf('a b');
  for (let n = 0; n < 3; n += 1) watch.failed('a', 0);
  watch.update(['b'], protection, 1);
  watch.update(['a', 'b'], protection, 2);
  deepEqual(avoided(watch, 3), []);
});
