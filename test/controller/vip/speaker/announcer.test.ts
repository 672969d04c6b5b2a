import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Announcer } from '../../../../controller/vip/speaker/announcer.ts';

/** When announcements leave until `untilMs`, if `take` is called whenever one is due. */
function played(announcer: Announcer, untilMs: number): readonly number[] {
  const times: number[] = [];
  for (;;) {
    const dueMs = announcer.nextMs();
    if (dueMs === undefined || dueMs > untilMs) return times;
    announcer.take(dueMs);
    times.push(dueMs);
  }
}

test('a series is spaced, and refreshed for ever', () => {
  const announcer = new Announcer();
  announcer.start(0);
  deepEqual(played(announcer, 26_000), [0, 50, 200, 1000, 5000, 15_000, 25_000]);
});

test('asked again at once, a new series waits for the first to be a second old', () => {
  const announcer = new Announcer();
  announcer.start(0);
  deepEqual(played(announcer, 300), [0, 50, 200]);
  announcer.again(300);
  announcer.again(310);
  deepEqual(played(announcer, 2500), [1000, 1050, 1200, 2000]);
});

test('rivals at every packet make one series a second', () => {
  const announcer = new Announcer();
  announcer.start(0);
  let count = 0;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 1) {
    announcer.again(nowMs);
    if (announcer.take(nowMs) !== undefined) count += 1;
  }
  equal(count, 31);
});

test('after a sleep one round makes up for those that were missed', () => {
  const announcer = new Announcer();
  announcer.start(0);
  equal(announcer.take(3000), 3);
  equal(announcer.nextMs(), 5000);
});

test('stopped, it is silent, also when asked again', () => {
  const announcer = new Announcer();
  announcer.start(0);
  announcer.stop();
  announcer.again(5000);
  equal(announcer.nextMs(), undefined);
});
