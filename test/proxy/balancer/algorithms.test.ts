import { deepEqual, equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Algorithm, algorithms } from '../../../proxy/balancer/index.ts';
import { balancerOf, clientIP, tally, targets } from './conformance.ts';

/** The next picks in a row, with everything picked ending at once. */
function sequence(text: string, algorithm: Algorithm, count: number): string {
  const balancer = balancerOf(algorithm, text);
  return Array.from({ length: count }, () => balancer.pick({ clientIP: '10.0.0.1' })?.id).join('');
}

suite('turns', () => {
  test('round-robin visits everyone before anyone twice, whatever the weights', () => {
    const turns = sequence('a:9 b c', 'round-robin', 9);
    equal(turns.slice(0, 3), turns.slice(3, 6));
    deepEqual(turns.slice(0, 3).split('').toSorted(), ['a', 'b', 'c']);
  });

  test('round-robin begins at a place of chance', () => {
    const firsts = new Set<string | undefined>();
    for (let seed = 0; seed < 50; seed += 1) {
      firsts.add(balancerOf('round-robin', 'a b c', seed).pick({ clientIP: '' })?.id);
    }
    equal(firsts.size, 3);
  });

  test('round-robin goes on behind a target that went', () => {
    const balancer = balancerOf('round-robin', 'a b c d', 1);
    const order = ['a', 'b', 'c', 'd'];
    const at = order.indexOf(balancer.pick({ clientIP: '' })?.id ?? '');
    const [gone, upcoming] = [order[(at + 1) % 4], order[(at + 2) % 4]];
    balancer.update(targets(order.filter((id) => id !== gone).join(' ')));
    equal(balancer.pick({ clientIP: '' })?.id, upcoming);
  });

  test('weighted 5:3:2 is exact over each ten', () => {
    const balancer = balancerOf('weighted', 'a:5 b:3 c:2');
    for (let cycle = 0; cycle < 5; cycle += 1) {
      deepEqual(
        tally(balancer, 10),
        new Map([
          ['a', 5],
          ['b', 3],
          ['c', 2],
        ]),
      );
    }
  });

  test('weighted does not run in bursts', () => {
    equal(sequence('a:5 b:1 c:1', 'weighted', 7).replaceAll(/[bc]/g, '-'), 'aa-a-aa');
  });

  test('weighted pays no old debt after a weight fell', () => {
    const balancer = balancerOf('weighted', 'a:1000 b:999');
    tally(balancer, 1);
    balancer.update(targets('a b'));
    const seen = tally(balancer, 20);
    ok((seen.get('a') ?? 0) >= 8 && (seen.get('b') ?? 0) >= 8, [...seen].join(' '));
  });
});

suite('ip_hash', () => {
  const ten = 'a b c d e f g h i j';
  const homeOf = (text: string, client: string): string | undefined =>
    balancerOf('ip_hash', text).pick({ clientIP: client })?.id;
  const clients = Array.from({ length: 2000 }, (_, n) => clientIP(n));

  test('a client stays where it is, on every node and in every order', () => {
    for (const client of clients.slice(0, 200)) {
      equal(homeOf(ten, client), homeOf('j i h g f e d c b a', client));
    }
  });

  test('an endpoint that goes moves its own clients alone', () => {
    const before = balancerOf('ip_hash', ten);
    const after = balancerOf('ip_hash', ten.replace('d ', ''));
    let moved = 0;
    for (const client of clients) {
      const home = before.pick({ clientIP: client })?.id;
      const now = after.pick({ clientIP: client })?.id;
      if (home === 'd') moved += 1;
      else equal(now, home);
    }
    ok(moved > 150 && moved < 250, `${moved} of 2000 lived on d`);
  });

  test('a changed weight moves clients to or from that endpoint alone', () => {
    const before = balancerOf('ip_hash', 'a:2 b:2 c:2');
    const after = balancerOf('ip_hash', 'a:2 b:5 c:2');
    for (const client of clients) {
      const [home, now] = [before.pick({ clientIP: client })?.id, after.pick({ clientIP: client })];
      if (home !== now?.id) equal(now?.id, 'b');
    }
  });

  test('a retry goes where the client would live without the failed endpoint', () => {
    const balancer = balancerOf('ip_hash', ten);
    for (const client of clients.slice(0, 200)) {
      const home = balancer.pick({ clientIP: client })?.id ?? '';
      const rest = ten.split(' ').filter((id) => id !== home);
      equal(
        balancer.pick({ clientIP: client, exclude: new Set([home]) })?.id,
        homeOf(rest.join(' '), client),
      );
    }
  });

  test('one client in two spellings', () => {
    for (const client of clients.slice(0, 100)) {
      equal(homeOf(ten, `::ffff:${client}`), homeOf(ten, client));
    }
  });
});

suite('counts', () => {
  test('least-conn fills up by weight', () => {
    deepEqual(
      tally(balancerOf('least-conn', 'a:3 b:1'), 40),
      new Map([
        ['a', 30],
        ['b', 10],
      ]),
    );
  });

  test('least-conn takes turns among equals', () => {
    const turns = sequence('a b c', 'least-conn', 6);
    equal(turns.slice(0, 3), turns.slice(3));
    equal(new Set(turns).size, 3);
  });

  for (const algorithm of ['least-conn', 'p2c', 'ewma'] as const) {
    test(`${algorithm} prefers the idle one`, () => {
      const balancer = balancerOf(algorithm, 'a b');
      balancer.started('a');
      for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'b');
      balancer.ended('a');
      equal(tallyWithoutLoad(balancer, 100).size, 2);
    });

    test(`${algorithm} keeps counts over updates, drains and returns`, () => {
      const balancer = balancerOf(algorithm, 'a b');
      balancer.started('a');
      for (const text of ['a b c', 'b', 'a:0 b', 'b a']) balancer.update(targets(text));
      for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'b');
    });

    test(`${algorithm} forgets connections that ended while the target was away`, () => {
      const balancer = balancerOf(algorithm, 'a b');
      balancer.started('a');
      balancer.update(targets('b'));
      balancer.ended('a');
      balancer.ended('a');
      balancer.update(targets('a b'));
      balancer.started('b');
      for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'a');
    });
  }

  test('ewma leaves a target at its first slow answer, and comes back bit by bit', () => {
    const balancer = balancerOf('ewma', 'a b');
    balancer.answered?.('a', 10, 0);
    balancer.answered?.('b', 10, 0);
    equal(tallyWithoutLoad(balancer, 100).size, 2);
    balancer.answered?.('a', 500, 1_000);
    for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'b');
    balancer.answered?.('a', 10, 2_000);
    for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'b');
    // A minute is six times the decay: what is left of 500 ms is 1 or 2.
    balancer.answered?.('a', 10, 62_000);
    balancer.answered?.('b', 12, 62_000);
    for (let n = 0; n < 50; n += 1) equal(balancer.pick({ clientIP: '' })?.id, 'a');
  });

  test('p2c of many never chooses the busiest', () => {
    const balancer = balancerOf('p2c', 'a b c d');
    for (let n = 0; n < 5; n += 1) balancer.started('c');
    ok(!tallyWithoutLoad(balancer, 500).has('c'));
  });

  test('p2c spreads held connections closer than random does', () => {
    const spread = (algorithm: Algorithm): number => {
      const counts = [...tally(balancerOf(algorithm, 'a b c d e f g h i j'), 5000).values()];
      return Math.max(...counts) - Math.min(...counts);
    };
    ok(spread('p2c') * 4 < spread('random'), `${spread('p2c')} and ${spread('random')}`);
  });
});

function tallyWithoutLoad(
  balancer: ReturnType<typeof balancerOf>,
  count: number,
): ReadonlySet<string> {
  const seen = new Set<string>();
  for (let n = 0; n < count; n += 1) seen.add(balancer.pick({ clientIP: clientIP(n) })?.id ?? '');
  return seen;
}

test('each algorithm stands in the list once', () => {
  equal(new Set(algorithms).size, algorithms.length);
});
