import { deepEqual, equal } from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'node:test';
import { type Log, silentLog } from '../../../controller/base/index.ts';
import { tellDrain, tellStart } from '../../../daemon/up/progress.ts';
import { Readiness } from '../../../daemon/up/readiness.ts';
import { FakeClock } from '../../fakes/clock.ts';

function remembering(): { log: Log; said: object[] } {
  const said: object[] = [];
  return { log: { ...silentLog, info: (fields) => void said.push(fields) }, said };
}

test('a start that takes long says what it waits for, and stops with it', () => {
  const clock = new FakeClock();
  const readiness = new Readiness();
  readiness.expect('objects', 'manifests');
  readiness.expect('dns', 'the dns plane');
  const { log, said } = remembering();
  {
    using _ = tellStart(readiness, clock, log);
    clock.advance(1_999);
    equal(said.length, 0);
    clock.advance(1);
    readiness.done('objects');
    clock.advance(2_000);
  }
  clock.advance(60_000);
  deepEqual(said, [
    { waitingFor: ['waiting for manifests', 'waiting for the dns plane'], tookMs: 2_000 },
    { waitingFor: ['waiting for the dns plane'], tookMs: 4_000 },
  ]);
});

test('a drain says what is left, over all workers that answer', async () => {
  const clock = new FakeClock();
  const row = (metric: string, value: number) => ({ metric, labels: [], value });
  const { log, said } = remembering();
  using _ = tellDrain(
    async () =>
      new Map([
        [1, [row('portolan_ingress_active_requests', 2), row('portolan_l4_connections_active', 1)]],
        [2, [row('portolan_ingress_active_requests', 3)]],
        [3, undefined],
      ]),
    clock,
    log,
  );
  clock.advance(5_000);
  await turn();
  deepEqual(said, [{ requests: 5, httpConnections: 0, l4Connections: 1, tookMs: 5_000 }]);
});
