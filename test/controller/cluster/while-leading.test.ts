import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../controller/base/index.ts';
import { WhileLeading } from '../../../controller/cluster/index.ts';
import { FakeClock } from '../../fakes/clock.ts';

/** Work that fails as often as told, and notes what happened. */
function workThat(fails: number): {
  readonly work: WhileLeading;
  readonly clock: FakeClock;
  readonly happened: string[];
} {
  const happened: string[] = [];
  const clock = new FakeClock();
  let left = fails;
  const start = async (): Promise<AsyncDisposable> => {
    await Promise.resolve();
    if ((left -= 1) >= 0) {
      happened.push('failed');
      throw new Error('silence');
    }
    happened.push('started');
    return {
      async [Symbol.asyncDispose]() {
        await Promise.resolve();
        happened.push('ended');
      },
    };
  };
  return { work: new WhileLeading(start, clock, silentLog), clock, happened };
}

test('work lasts as long as leadership', async () => {
  const { work, happened } = workThat(0);
  work.set(true);
  await work.settled();
  work.set(false);
  await work.settled();
  deepEqual(happened, ['started', 'ended']);
});

test('work that cannot start is tried again each second', async () => {
  const { work, clock, happened } = workThat(2);
  work.set(true);
  await work.settled();
  deepEqual(happened, ['failed']);
  clock.advance(999);
  await work.settled();
  deepEqual(happened, ['failed']);
  clock.advance(1);
  await work.settled();
  clock.advance(1_000);
  await work.settled();
  deepEqual(happened, ['failed', 'failed', 'started']);
});

test('nothing is tried again once another leads, or after the end', async () => {
  const { work, clock, happened } = workThat(1);
  work.set(true);
  await work.settled();
  work.set(false);
  await work.settled();
  deepEqual([happened, clock.pending], [['failed'], 0]);
  await work[Symbol.asyncDispose]();
});
