import { deepEqual, equal } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { TrafficSampler } from '../../../daemon/live/index.ts';
import { FakeClock } from '../../fakes/clock.ts';

function sampler(clock: FakeClock): { sampler: TrafficSampler; reads: () => number } {
  let reads = 0;
  let requests = 0;
  const read = async () => {
    reads += 1;
    requests += 10;
    const row = {
      metric: 'portolan_ingress_requests_total',
      labels: ['shop', 'web', 'web', '2xx'],
      value: requests,
    };
    return new Map([[1, [row]]]);
  };
  return { sampler: new TrafficSampler({ clock, read }), reads: () => reads };
}

test('samples once a second while somebody listens, and rests after', async () => {
  const clock = new FakeClock();
  const { sampler: under, reads } = sampler(clock);
  await turn();
  equal(reads(), 0);
  const rates: number[] = [];
  const subscription = under.subscribe(({ ingress }) => rates.push(ingress.requests));
  for (let second = 0; second < 3; second += 1) {
    await turn();
    clock.advance(1_000);
  }
  await turn();
  subscription[Symbol.dispose]();
  const before = reads();
  clock.advance(60_000);
  await turn();
  deepEqual([rates, reads() - before, clock.pending], [[10, 10, 10], 0, 0]);
});

test('a rest is not spread over the first sample after it', async () => {
  const clock = new FakeClock();
  const { sampler: under } = sampler(clock);
  const listen = async (seconds: number): Promise<readonly number[]> => {
    const rates: number[] = [];
    using _ = under.subscribe(({ ingress }) => rates.push(ingress.requests));
    for (let second = 0; second < seconds; second += 1) {
      await turn();
      clock.advance(1_000);
    }
    await turn();
    return rates;
  };
  deepEqual(await listen(1), [10]);
  clock.advance(3_600_000);
  deepEqual(await listen(1), [10]);
  equal(under.history.length, 2);
});
