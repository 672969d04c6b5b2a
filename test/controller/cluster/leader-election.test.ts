import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import { kubernetesTimings, LeaderElection } from '../../../controller/cluster/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { SharedLease } from '../../fakes/lease-lock.ts';
import { MemoryMeter } from '../../fakes/meter.ts';

interface Bed {
  readonly clock: FakeClock;
  readonly lease: SharedLease;
  readonly leaders: Set<string>;
  /** The most that ever led at one moment. */
  most: number;
  readonly changes: string[];
}

function bed(): Bed {
  const leaders = new Set<string>();
  return { clock: new FakeClock(), lease: new SharedLease(), leaders, most: 0, changes: [] };
}

function candidate(on: Bed, identity: string, seed: number): LeaderElection {
  return new LeaderElection({
    lock: on.lease.lockFor(identity),
    identity,
    timings: kubernetesTimings,
    clock: on.clock,
    random: seededRandom(seed),
    log: silentLog,
    meter: new MemoryMeter(),
    onChange: (leading) => {
      if (leading) on.leaders.add(identity);
      else on.leaders.delete(identity);
      on.most = Math.max(on.most, on.leaders.size);
      on.changes.push(`${identity} ${leading ? 'leads' : 'follows'}`);
    },
  });
}

const pass = (on: Bed, seconds: number): Promise<void> =>
  on.clock.advanceAsync(seconds * 1000, 100);

test('of two candidates one leads, and goes on to', async () => {
  const on = bed();
  await using a = candidate(on, 'a', 1);
  await pass(on, 1);
  await using b = candidate(on, 'b', 2);
  await pass(on, 60);
  deepEqual([a.leading, b.leading], [true, false]);
  deepEqual(on.changes, ['a leads']);
  equal(b.holder, 'a');
  equal(on.lease.held?.record.leaseTransitions, 0);
});

test('times are written as the API has them', async () => {
  const on = bed();
  await using _a = candidate(on, 'a', 1);
  await pass(on, 5);
  match(on.lease.held?.record.renewTime ?? '', /^2026-01-01T00:00:0\d\.\d{6}Z$/);
  equal(on.lease.held?.record.acquireTime, '2026-01-01T00:00:00.000000Z');
  equal(on.lease.held?.record.leaseDurationSeconds, 15);
});

test('a leader that is gone is followed after 15 s, not before', async () => {
  const on = bed();
  const a = candidate(on, 'a', 1);
  await pass(on, 1);
  await using b = candidate(on, 'b', 2);
  await pass(on, 4);
  // As SIGKILL would have it: it can neither renew nor give up.
  on.lease.cutOff('a');
  await pass(on, 12);
  equal(b.leading, false);
  await pass(on, 6);
  equal(b.leading, true);
  equal(on.lease.held?.record.leaseTransitions, 1);
  await a[Symbol.asyncDispose]();
});

test('a leader that cannot renew steps down before another may lead', async () => {
  const on = bed();
  await using a = candidate(on, 'a', 1);
  await pass(on, 1);
  await using b = candidate(on, 'b', 2);
  await pass(on, 10);
  on.lease.cutOff('a');
  await pass(on, 30);
  deepEqual([a.leading, b.leading], [false, true]);
  deepEqual(on.changes, ['a leads', 'a follows', 'b leads']);
  on.lease.reconnect('a');
  await pass(on, 60);
  deepEqual([a.leading, b.leading], [false, true], 'who was cut off does not take it back');
});

test('never two at once, however often the lease is out of reach', async () => {
  const on = bed();
  const random = seededRandom(7);
  await using _a = candidate(on, 'a', 1);
  await using _b = candidate(on, 'b', 2);
  await using _c = candidate(on, 'c', 3);
  for (let round = 0; round < 60; round += 1) {
    for (const one of ['a', 'b', 'c']) {
      if (random() < 0.4) on.lease.cutOff(one);
      else on.lease.reconnect(one);
    }
    await pass(on, random() * 20);
  }
  equal(on.most, 1);
  ok(on.changes.length > 10, 'leadership did move');
});

test('who ends gives it up: the next need not wait for it to run out', async () => {
  const on = bed();
  const a = candidate(on, 'a', 1);
  await pass(on, 1);
  await using b = candidate(on, 'b', 2);
  await pass(on, 5);
  await a[Symbol.asyncDispose]();
  equal(on.lease.held?.record.holderIdentity, '');
  await pass(on, 3);
  equal(b.leading, true);
});

test('the same name after a restart waits like any other, since its identity is new', async () => {
  const on = bed();
  const before = candidate(on, 'node_1', 1);
  await pass(on, 3);
  on.lease.cutOff('node_1');
  await using after = candidate(on, 'node_2', 2);
  await pass(on, 14);
  equal(after.leading, false);
  await pass(on, 5);
  equal(after.leading, true);
  await before[Symbol.asyncDispose]();
});

test('clocks of nodes need not agree: only when a change was seen counts', async () => {
  const on = bed();
  await using _a = candidate(on, 'a', 1);
  const ahead = { ...on, clock: new FakeClock(1_900_000_000_000) };
  const b = candidate(ahead, 'b', 2);
  for (let second = 0; second < 60; second += 1) {
    await pass(on, 1);
    await pass(ahead, 1);
  }
  equal(b.leading, false);
  equal(on.most, 1);
  await b[Symbol.asyncDispose]();
});
