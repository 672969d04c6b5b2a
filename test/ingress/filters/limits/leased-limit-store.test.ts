import { deepEqual, equal } from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  LeasedLimitStore,
  type LimitAsks,
  LimitOwner,
  MemoryLimitStore,
} from '../../../../ingress/filters/index.ts';
import { FakeClock } from '../../../fakes/clock.ts';

interface Worker {
  readonly store: LeasedLimitStore;
  readonly asked: LimitAsks[];
}

/** Workers whose asks are answered at once; while `deaf`, not at all. */
class Rig {
  readonly clock = new FakeClock();
  readonly owner = new LimitOwner(() => this.clock.nowMs());
  isDeaf = false;

  worker(holder: number): Worker {
    const asked: LimitAsks[] = [];
    const store = new LeasedLimitStore({
      clock: this.clock,
      soon: queueMicrotask,
      send: (asks) => {
        asked.push(asks);
        if (!this.isDeaf) store.answered(this.owner.answer(holder, asks));
      },
    });
    return { store, asked };
  }
}

async function granted(
  store: Pick<LeasedLimitStore, 'take'>,
  times: number,
  intervalMs: number,
  burst: number,
): Promise<number> {
  const answers = Array.from(
    { length: times },
    async () => await store.take('k', intervalMs, burst),
  );
  return (await Promise.all(answers)).filter(Boolean).length;
}

suite('a limit is what it says, whatever the number of workers', () => {
  const rows = [
    // rate/s, multiplier, workers
    [1, 5, 2],
    [10, 5, 2],
    [10, 5, 7],
    [100, 1, 3],
    [1_000, 5, 2],
    [3_000, 5, 4],
  ] as const;
  for (const [rate, multiplier, count] of rows) {
    test(`${rate}/s, burst ${multiplier}, ${count} workers`, async () => {
      const rig = new Rig();
      const workers = Array.from({ length: count }, (_, index) => rig.worker(index + 1));
      const [interval, burst] = [1_000 / rate, rate * multiplier];
      const lease = Math.max(1, Math.min(Math.floor(burst / 32), Math.floor(10 / interval)));
      let first = 0;
      let later = 0;
      for (let round = 0; round < 4; round += 1) {
        for (const { store } of workers) {
          const passed = await granted(store, Math.ceil(burst / 2) + 1, interval, burst);
          if (round < 3) first += passed;
        }
      }
      rig.clock.advance(1_000);
      for (const { store } of workers) later += await granted(store, burst, interval, burst);
      const lost = lease === 1 ? 0 : (count - 1) * lease;
      equal(first <= burst + 1 && first >= burst + 1 - lost, true, `${first} of ${burst + 1}`);
      equal(later <= rate && later >= rate - lost - 1, true, `${later} of ${rate} a second later`);
    });
  }
});

test('an empty bucket is not asked about again until it has a token', async () => {
  const rig = new Rig();
  const { store, asked } = rig.worker(1);
  equal(await granted(store, 4, 1_000, 2), 3);
  equal(asked.length, 1, 'asks of one moment travel together');
  equal(await store.take('k', 1_000, 2), false);
  for (let i = 0; i < 100; i += 1) equal(store.take('k', 1_000, 2), false);
  equal(asked.length, 2);
  rig.clock.advance(1_000);
  equal(await store.take('k', 1_000, 2), true);
});

test('fast buckets are leased: one ask for what flows in 10 ms', async () => {
  const rig = new Rig();
  const { store, asked } = rig.worker(1);
  equal(await store.take('k', 1, 5_000), true);
  for (let i = 0; i < 9; i += 1) equal(store.take('k', 1, 5_000), true);
  equal(asked.length, 1);
  equal(await store.take('k', 1, 5_000), true);
  rig.clock.advance(10);
  equal(store.take('k', 1, 5_000) instanceof Promise, true, 'what was not used is void');
});

test('what is under way counts for all workers, and ends with its worker', async () => {
  const rig = new Rig();
  const [one, two] = [rig.worker(1), rig.worker(2)];
  equal(await one.store.enter('k', 2), true);
  equal(await two.store.enter('k', 2), true);
  equal(await two.store.enter('k', 2), false);
  one.store.leave('k');
  await Promise.resolve();
  equal(await two.store.enter('k', 2), true);
  rig.owner.gone(2);
  equal(await one.store.enter('k', 2), true);
  equal(await one.store.enter('k', 2), true);
  equal(await one.store.enter('k', 2), false);
});

test('while the owner is silent a worker counts alone, and gives back what comes late', async () => {
  const rig = new Rig();
  const { store, asked } = rig.worker(1);
  rig.isDeaf = true;
  const waiting = [store.enter('k', 1), store.take('r', 1_000, 0)];
  await Promise.resolve();
  rig.clock.advance(250);
  deepEqual(await Promise.all(waiting.map(async (one) => await one)), [true, true]);
  equal(store.enter('k', 1), false, 'no second wait');
  equal(store.take('r', 1_000, 0), false);
  equal(asked.length, 1);
  rig.isDeaf = false;
  const [late] = asked;
  if (late) store.answered(rig.owner.answer(1, late));
  await Promise.resolve();
  equal(await rig.worker(2).store.enter('k', 1), true, 'the late slot was given back');
  store.leave('k');
  equal(asked.length, 2, 'the slot of its own was never the owner’s');
});

test('one process alone: as many, without asking anybody', async () => {
  const clock = new FakeClock();
  const store = new MemoryLimitStore(() => clock.nowMs());
  equal(await granted(store as never, 20, 100, 10), 11);
  clock.advance(300);
  equal(await granted(store as never, 20, 100, 10), 3);
});
