import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { startTimedProbe } from '../../../controller/health/timed-probe.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { FakeProber } from './fake-prober.ts';

const target = { kind: 'tcp', address: 'a', port: 1 } as const;

test('an answer in time', async () => {
  const clock = new FakeClock();
  const probe = startTimedProbe(new FakeProber(), target, 1000, clock);
  deepEqual(await probe.outcome, { verdict: { kind: 'healthy' }, timedOut: false, durationMs: 0 });
  deepEqual(clock.pending, 0);
});

test('an overrun is a failure at the timeout, and aborts the prober', async () => {
  const clock = new FakeClock();
  const prober = new FakeProber();
  prober.set('a', 'hang');
  const probe = startTimedProbe(prober, target, 1000, clock);
  clock.advance(1000);
  deepEqual(await probe.outcome, {
    verdict: { kind: 'unhealthy', reason: 'no answer within 1000 ms' },
    timedOut: true,
    durationMs: 1000,
  });
  deepEqual(prober.running, 0);
});

test('a prober that breaks its promise and rejects', async () => {
  const prober = { probe: () => Promise.reject(new Error('bug')) };
  const { outcome } = startTimedProbe(prober, target, 1000, new FakeClock());
  deepEqual((await outcome).verdict, { kind: 'unhealthy', reason: 'bug' });
});

test('a cancelled probe says nothing about its target', async () => {
  const clock = new FakeClock();
  const prober = new FakeProber();
  prober.set('a', 'hang');
  const probe = startTimedProbe(prober, target, 1000, clock);
  probe.cancel();
  deepEqual((await probe.outcome).verdict.kind, 'inconclusive');
  deepEqual(clock.pending, 0);
});
