import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { WorkQueue } from '../../../controller/reconcile/work-queue.ts';
import { FakeClock } from '../../fakes/clock.ts';

const queueWith = (clock: FakeClock, random = 1): WorkQueue =>
  new WorkQueue(
    clock,
    () => random,
    () => {},
  );

test('a key waits once, in order of its first arrival', () => {
  using queue = queueWith(new FakeClock());
  for (const key of ['a', 'b', 'a', 'c']) queue.add(key);
  deepEqual(queue.take(2), ['a', 'b']);
  queue.add('a');
  deepEqual(queue.take(9), ['c', 'a']);
});

test('retries come back later each time, up to a limit', () => {
  const clock = new FakeClock();
  using queue = queueWith(clock);
  const delays: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    const startMs = clock.nowMs();
    queue.failed('a');
    while (queue.size === 0) clock.advance(25);
    delays.push(clock.nowMs() - startMs);
    queue.take(1);
  }
  deepEqual(delays.slice(0, 4), [50, 100, 200, 400]);
  equal(delays.at(-1), 30_000);
});

test('jitter takes off up to half', () => {
  const clock = new FakeClock();
  using queue = queueWith(clock, 0);
  queue.failed('a');
  clock.advance(25);
  equal(queue.size, 1);
});

test('success forgets the failures', () => {
  const clock = new FakeClock();
  using queue = queueWith(clock);
  queue.failed('a');
  queue.failed('a');
  queue.succeeded('a');
  queue.failed('a');
  clock.advance(50);
  equal(queue.size, 1);
});

test('news about a failed key is tried at once, and not again', () => {
  const clock = new FakeClock();
  using queue = queueWith(clock);
  queue.failed('a');
  queue.add('a');
  deepEqual(queue.take(9), ['a']);
  clock.advance(60_000);
  equal(queue.size, 0);
});

test('a disposed queue leaves no timer', () => {
  const clock = new FakeClock();
  const queue = queueWith(clock);
  queue.failed('a');
  ok(clock.pending > 0);
  queue[Symbol.dispose]();
  equal(clock.pending, 0);
});
