import { equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AffinityTable } from '../../../proxy/balancer/index.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { clientIP } from './conformance.ts';

const both = new Map([
  ['a', 'endpoint a'],
  ['b', 'endpoint b'],
]);

function table(options: { timeoutSec?: number; limit?: number } = {}): {
  clock: FakeClock;
  affinity: AffinityTable;
} {
  const clock = new FakeClock();
  return { clock, affinity: new AffinityTable({ clock, timeoutSec: 10, ...options }) };
}

suite('ClientIP affinity', () => {
  test('a client comes back to its target, others are free', () => {
    const { affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    equal(affinity.find('10.0.0.1', both), 'endpoint a');
    equal(affinity.find('10.0.0.2', both), undefined);
  });

  test('one client in two spellings', () => {
    const { affinity } = table();
    affinity.bind('::ffff:10.0.0.1', 'b');
    equal(affinity.find('10.0.0.1', both), 'endpoint b');
  });

  test('ends timeoutSec after the last connection, each of which renews it', () => {
    const { clock, affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    for (let n = 0; n < 3; n += 1) {
      clock.advance(9_999);
      equal(affinity.find('10.0.0.1', both), 'endpoint a');
    }
    clock.advance(10_000);
    equal(affinity.find('10.0.0.1', both), undefined);
    equal(affinity.size, 0);
  });

  test('a shorter timeout holds for old ties too', () => {
    const { clock, affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    clock.advance(5_000);
    affinity.setTimeoutSec(5);
    equal(affinity.find('10.0.0.1', both), undefined);
  });

  test('an unusable target loses its clients for good', () => {
    const { affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    equal(affinity.find('10.0.0.1', new Map([['b', 'endpoint b']])), undefined);
    equal(affinity.find('10.0.0.1', both), undefined);
  });

  test('a released client is free', () => {
    const { affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    affinity.release('10.0.0.1');
    equal(affinity.find('10.0.0.1', both), undefined);
  });

  test('a new tie replaces the old one', () => {
    const { affinity } = table();
    affinity.bind('10.0.0.1', 'a');
    affinity.bind('10.0.0.1', 'b');
    equal(affinity.find('10.0.0.1', both), 'endpoint b');
    equal(affinity.size, 1);
  });

  test('when full, who has been away longest is forgotten', () => {
    const { clock, affinity } = table({ limit: 3 });
    for (const client of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) {
      affinity.bind(client, 'a');
      clock.advance(1);
    }
    affinity.find('1.1.1.1', both);
    affinity.bind('4.4.4.4', 'b');
    equal(affinity.find('2.2.2.2', both), undefined);
    equal(affinity.find('1.1.1.1', both), 'endpoint a');
    equal(affinity.find('4.4.4.4', both), 'endpoint b');
  });

  test('a flood of addresses stays within the limit', () => {
    const { affinity } = table({ limit: 1000 });
    for (let n = 0; n < 20_000; n += 1) {
      affinity.bind(clientIP(n), 'a');
      ok(affinity.size <= 1000);
    }
    ok(affinity.size > 900);
    equal(affinity.find(clientIP(19_999), both), 'endpoint a');
  });

  test('expired clients make room before the limit is reached', () => {
    const { clock, affinity } = table();
    for (let n = 0; n < 5_000; n += 1) {
      affinity.bind(clientIP(n), 'a');
      clock.advance(1_000);
    }
    ok(affinity.size < 200, `${affinity.size} remembered, 10 alive`);
  });
});
