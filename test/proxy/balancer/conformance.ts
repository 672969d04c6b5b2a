import { deepEqual, equal, ok } from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Random, seededRandom } from '../../../controller/base/index.ts';
import {
  type Algorithm,
  type Balancer,
  createBalancer,
  type Target,
} from '../../../proxy/balancer/index.ts';

/** `a:5 b:3` as targets; without a number the weight is 1. */
export function targets(text: string): readonly Target[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((entry) => {
      const [id = '', weight = '1'] = entry.split(':');
      return { id, weight: Number(weight) };
    });
}

export function balancerOf(algorithm: Algorithm, text: string, seed = 1): Balancer<Target> {
  const balancer = createBalancer<Target>(algorithm, seededRandom(seed));
  balancer.update(targets(text));
  return balancer;
}

/** Client number `n` of as many as an IPv4 /8 has. */
export const clientIP = (n: number): string => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;

/** How often each id is chosen by so many clients, one after the other, as long-lived ones do. */
export function tally(
  balancer: Balancer<Target>,
  count: number,
  exclude?: ReadonlySet<string>,
): Map<string, number> {
  const seen = new Map<string, number>();
  for (let n = 0; n < count; n += 1) {
    const id =
      balancer.pick(exclude ? { clientIP: clientIP(n), exclude } : { clientIP: clientIP(n) })?.id ??
      'none';
    if (id !== 'none') balancer.started(id);
    seen.set(id, (seen.get(id) ?? 0) + 1);
  }
  return seen;
}

/** Who is chosen at all, sorted. */
const chosen = (balancer: Balancer<Target>, exclude?: ReadonlySet<string>): readonly string[] =>
  [...tally(balancer, 400, exclude).keys()].toSorted();

const whoCases = [
  // targets        exclude     chosen             why
  ['', '', 'none', 'nothing to choose'],
  ['a', '', 'a', 'the only one'],
  ['a', 'a', 'none', 'the only one is excluded'],
  ['a b c', '', 'a b c', 'everyone gets something'],
  ['a b c', 'b', 'a c', 'excluded ones get nothing'],
  ['a b c', 'a b c', 'none', 'all excluded'],
  ['a b c', 'x', 'a b c', 'excluding a stranger changes nothing'],
  ['a:0 b c', '', 'b c', 'weight 0 is drained'],
  ['a:0 b', 'b', 'none', 'a drained target is no refuge'],
  ['a:0 b:0', '', 'a b', 'all weights 0 count as equal'],
  ['a:0 b:0', 'a', 'b', 'exclusion holds among weights 0 too'],
  ['a:0', '', 'a', 'the only one, even at weight 0'],
] as const;

const shareCases = [
  'a b',
  'a b c d e f g',
  'a:5 b:3 c:2',
  'a:0 b:1 c:9',
  'a:0 b:0 c:0',
  Array.from({ length: 100 }, (_, n) => `t${n}`).join(' '),
] as const;

/** How far picks are from the shares: Pearson's chi-square, 0 when they follow them exactly. */
function chiSquare(text: string, ignoreWeights: boolean, seen: Map<string, number>): number {
  const all = targets(text);
  const sharing = all.some(({ weight }) => weight > 0) ? all.filter((one) => one.weight > 0) : all;
  const share = ({ weight }: Target): number => (ignoreWeights ? 1 : Math.max(1, weight));
  const total = sharing.reduce((sum, one) => sum + share(one), 0);
  const picks = [...seen.values()].reduce((sum, count) => sum + count, 0);
  return sharing.reduce((sum, one) => {
    const expected = (picks * share(one)) / total;
    return sum + ((seen.get(one.id) ?? 0) - expected) ** 2 / expected;
  }, 0);
}

/** Chance exceeds this once in some ten thousand draws: mean + 4 deviations, and a long tail. */
function chiSquareLimit(text: string): number {
  const freedom = targets(text).length - 1;
  return freedom + 4 * Math.sqrt(2 * freedom) + 8;
}

/** What every balancer must do, whichever its algorithm. */
export function conformance(algorithm: Algorithm): void {
  suite(`${algorithm} conforms`, () => {
    test('says its algorithm', () => equal(balancerOf(algorithm, '').algorithm, algorithm));

    for (const [text, exclude, expected, why] of whoCases) {
      test(`[${text}] without [${exclude}]: ${why}`, () => {
        const without = new Set(exclude.split(' ').filter(Boolean));
        deepEqual(chosen(balancerOf(algorithm, text), without), expected.split(' '));
      });
    }

    for (const text of shareCases) {
      test(`shares of [${text.slice(0, 30)}]`, () => {
        const seen = tally(balancerOf(algorithm, text, 7), 10_000);
        const distance = chiSquare(text, algorithm === 'round-robin', seen);
        ok(distance < chiSquareLimit(text), `chi-square ${distance}: ${[...seen].join(' ')}`);
      });
    }

    test('a small share is still a share', () => {
      equal(tally(balancerOf(algorithm, 'a:1000 b:1'), 6000).size, 2);
    });

    test('returns the objects it was given', () => {
      const balancer = balancerOf(algorithm, '');
      const [target] = targets('a');
      if (target) balancer.update([target]);
      equal(balancer.pick({ clientIP: clientIP(1) }), target);
    });

    test('an update replaces the targets', () => {
      const balancer = balancerOf(algorithm, 'a b c');
      tally(balancer, 10);
      balancer.update(targets('b c d'));
      deepEqual(chosen(balancer), ['b', 'c', 'd']);
      balancer.update([]);
      deepEqual(chosen(balancer), ['none']);
      balancer.update(targets('a'));
      deepEqual(chosen(balancer), ['a']);
    });

    test('an update that changes nothing changes no choice', () => {
      const [plain, updated] = [
        balancerOf(algorithm, 'a:2 b c', 3),
        balancerOf(algorithm, 'a:2 b c', 3),
      ];
      for (let n = 0; n < 50; n += 1) {
        updated.update(targets('a:2 b c'));
        equal(
          updated.pick({ clientIP: clientIP(n) })?.id,
          plain.pick({ clientIP: clientIP(n) })?.id,
        );
      }
    });

    test('ends without a start, and of strangers, are ignored', () => {
      const balancer = balancerOf(algorithm, 'a b');
      for (let n = 0; n < 100; n += 1) balancer.ended('a');
      balancer.ended('stranger');
      balancer.started('stranger');
      const seen = tally(balancer, 1000);
      ok((seen.get('a') ?? 0) < 600 && (seen.get('b') ?? 0) < 600, String([...seen]));
    });

    test('a thousand targets', () => {
      const text = Array.from({ length: 1000 }, (_, n) => `t${n}:${1 + (n % 3)}`).join(' ');
      const seen = tally(balancerOf(algorithm, text), 20_000);
      ok(seen.size > 990, `${seen.size} of 1000 chosen`);
    });

    test('chance at both ends of its range', () => {
      for (const chance of [0, 1 - 2 ** -53]) {
        const random: Random = () => chance;
        const balancer = createBalancer<Target>(algorithm, random);
        balancer.update(targets('a:3 b:2 c:0'));
        for (let n = 0; n < 20; n += 1) {
          ok(['a', 'b'].includes(balancer.pick({ clientIP: clientIP(n) })?.id ?? 'none'));
        }
        equal(balancer.pick({ clientIP: '::1', exclude: new Set(['a']) })?.id, 'b');
      }
    });
  });
}
