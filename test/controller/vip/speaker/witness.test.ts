import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { Speaker } from '../../../../controller/vip/speaker/speaker.ts';
import { routerSpec, SimulatedLink } from './simulated-network.ts';

/** One router with a witness that answers by hand. */
class Bed {
  nowMs = 0;
  readonly said: string[] = [];
  readonly link = new SimulatedLink(
    1,
    () => this.nowMs,
    () => {},
  );
  readonly speaker = new Speaker(this.link, () => this.nowMs, {
    transition: ({ state }, _from, reason) => void this.said.push(`${state}: ${reason}`),
    claim: (_router, wanted) => void this.said.push(wanted ? 'asks' : 'needs none'),
    rivals() {},
    trouble() {},
  });

  constructor() {
    const witness = { leaseDurationMs: 3000, prefer: 'consistency' } as const;
    this.speaker.apply([routerSpec({ witness })], () => {});
  }

  /** Steps of a hundredth of the interval. */
  run(untilMs: number): void {
    for (; this.nowMs < untilMs; this.nowMs += 10) this.speaker.run();
  }

  get holds(): boolean {
    return this.link.addresses.some(({ address }) => address === '10.0.0.100');
  }
}

test('nothing is claimed before the witness gives leave', () => {
  const bed = new Bed();
  bed.run(20_000);
  deepEqual([bed.holds, bed.said], [false, ['backup: started', 'asks']]);
  bed.speaker.grant('web', bed.nowMs + 2000);
  deepEqual([bed.holds, bed.said.at(-1)], [true, 'active: the witness gave leave']);
});

test('leave that is not renewed ends at its time, in this thread, whatever the daemon does', () => {
  const bed = new Bed();
  bed.run(4000);
  const untilMs = bed.nowMs + 2000;
  bed.speaker.grant('web', untilMs);
  bed.run(untilMs - 10);
  equal(bed.holds, true);
  bed.speaker.grant('web', untilMs + 1000);
  bed.run(untilMs + 990);
  equal(bed.holds, true, 'it was renewed');
  bed.run(untilMs + 1020);
  equal(bed.holds, false);
  deepEqual(bed.said.slice(-2), ['needs none', 'backup: the witness did not answer in time']);
});

test('leave that is taken back, or comes too late, is none', () => {
  const bed = new Bed();
  bed.run(4000);
  bed.speaker.grant('web', Number.POSITIVE_INFINITY);
  bed.run(60_000);
  equal(bed.holds, true);
  bed.speaker.revoke('web', 'another node');
  equal(bed.holds, false);
  bed.speaker.grant('web', bed.nowMs + 9000);
  equal(bed.holds, false, 'it was not asked for again yet');
});

test('a stop lets go at once: the successor waits for the Lease, not for us', () => {
  const bed = new Bed();
  bed.run(4000);
  bed.speaker.grant('web', Number.POSITIVE_INFINITY);
  bed.speaker.retire();
  deepEqual([bed.holds, bed.speaker.retired, bed.said.at(-2)], [false, true, 'needs none']);
});
