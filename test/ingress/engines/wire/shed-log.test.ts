import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../controller/base/index.ts';
import { ShedLog } from '../../../../ingress/engines/wire/shed-log.ts';
import { FakeClock } from '../../../fakes/clock.ts';

test('a flood of lost connections is one line a second, and counted whole', () => {
  const clock = new FakeClock();
  const told: object[] = [];
  let count = 0;
  const log = { ...silentLog, warn: (fields: object) => void told.push(fields) };
  const shed = new ShedLog(log, clock, {
    inc() {
      count += 1;
    },
  });
  for (let lost = 0; lost < 5; lost += 1) shed.lost('http', 'EMFILE');
  clock.advance(1_000);
  shed.lost('https', 'EMFILE');
  deepEqual(told, [
    { scheme: 'http', code: 'EMFILE', connections: 1 },
    { scheme: 'https', code: 'EMFILE', connections: 5 },
  ]);
  equal(count, 6);
});
