import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, silentLog } from '../../../controller/base/index.ts';
import type { WitnessSpec } from '../../../controller/vip/speaker/virtual-router.ts';
import { Witness, witnessDelayMs, witnessTimings } from '../../../controller/vip/witness.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { SharedLease } from '../../fakes/lease-lock.ts';

/** Routers on several nodes that ask one Lease, without any VRRP between them. */
class Bed {
  readonly clock = new FakeClock();
  readonly lease = new SharedLease();
  /** Until when each may hold the addresses. */
  readonly until = new Map<string, number>();
  readonly revoked: string[] = [];

  witness(identity: string, prefer: WitnessSpec['prefer']): Witness {
    return new Witness({
      lock: this.lease.lockFor(identity),
      spec: { leaseDurationMs: 3000, prefer },
      identity,
      clock: this.clock,
      random: seededRandom(identity.length),
      log: silentLog,
      grant: (forMs) => this.until.set(identity, this.clock.nowMs() + forMs),
      revoke: (reason) => {
        this.until.delete(identity);
        this.revoked.push(`${identity}: ${reason}`);
      },
    });
  }

  /** Who may hold the addresses now. */
  holders(): readonly string[] {
    return [...this.until].filter(([, until]) => until > this.clock.nowMs()).map(([name]) => name);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advanceAsync(ms, 50);
  }
}

test('who asks first has leave, and goes on to; the other gets it when it is given up', async () => {
  const bed = new Bed();
  await using a = bed.witness('a', 'consistency');
  await using b = bed.witness('bb', 'consistency');
  a.want(true);
  await bed.pass(100);
  b.want(true);
  await bed.pass(30_000);
  deepEqual(bed.holders(), ['a']);
  a.want(false);
  bed.until.delete('a');
  await bed.pass(700);
  deepEqual(bed.holders(), ['bb']);
});

test('consistency: cut off, the holder lets go before the next one may hold; never two', async () => {
  const bed = new Bed();
  await using a = bed.witness('a', 'consistency');
  await using b = bed.witness('bb', 'consistency');
  a.want(true);
  await bed.pass(1000);
  b.want(true);
  await bed.pass(1000);
  bed.lease.cutOff('a');
  const cutAtMs = bed.clock.nowMs();
  let none = false;
  while (!bed.holders().includes('bb') && bed.clock.nowMs() < cutAtMs + 10_000) {
    await bed.pass(50);
    ok(bed.holders().length <= 1, bed.holders().join());
    none ||= bed.holders().length === 0;
  }
  ok(none, 'there was a moment between them');
  ok(
    bed.clock.nowMs() - cutAtMs <= witnessDelayMs({ leaseDurationMs: 3000, prefer: 'consistency' }),
  );
  // Back again, it stays refused.
  bed.lease.reconnect('a');
  await bed.pass(5000);
  deepEqual(bed.holders(), ['bb']);
});

test('consistency: without an answer there is no leave', async () => {
  const bed = new Bed();
  bed.lease.cutOff('a');
  await using a = bed.witness('a', 'consistency');
  a.want(true);
  await bed.pass(20_000);
  deepEqual(bed.holders(), []);
});

test('availability: without an answer there is leave, and a holder keeps its own', async () => {
  const bed = new Bed();
  await using a = bed.witness('a', 'availability');
  a.want(true);
  await bed.pass(1000);
  bed.lease.cutOff('a');
  await bed.pass(20_000);
  deepEqual([bed.holders(), bed.revoked], [['a'], []]);
  bed.lease.cutOff('bb');
  await using b = bed.witness('bb', 'availability');
  b.want(true);
  await bed.pass(1000);
  deepEqual(bed.holders(), ['a', 'bb'], 'that is the choice');
});

test('availability: once the witness answers again, one of two is left', async () => {
  const bed = new Bed();
  await using a = bed.witness('a', 'availability');
  await using b = bed.witness('bb', 'availability');
  a.want(true);
  await bed.pass(1000);
  bed.lease.cutOff('bb');
  b.want(true);
  await bed.pass(1000);
  deepEqual(bed.holders(), ['a', 'bb']);
  bed.lease.reconnect('bb');
  await bed.pass(3000);
  deepEqual(bed.holders(), ['a']);
  equal(bed.revoked.length, 1);
});

test('availability: a dead holder named by the witness does not take the addresses off a living one', async () => {
  const bed = new Bed();
  const a = bed.witness('a', 'availability');
  a.want(true);
  await bed.pass(1000);
  bed.lease.cutOff('a');
  bed.lease.cutOff('bb');
  await a[Symbol.asyncDispose]();
  bed.until.delete('a');
  await using b = bed.witness('bb', 'availability');
  b.want(true);
  await bed.pass(500);
  bed.lease.reconnect('bb');
  for (let waited = 0; waited < 6000; waited += 100) {
    await bed.pass(100);
    deepEqual(bed.holders(), ['bb']);
  }
  equal(bed.lease.held?.record.holderIdentity, 'bb');
});

test('the holder stops before others may start', () => {
  const timings = witnessTimings({ leaseDurationMs: 3000, prefer: 'consistency' });
  deepEqual(timings, { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 500 });
});
