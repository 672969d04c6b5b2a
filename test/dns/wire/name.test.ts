import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatName, isWithin, lowerName, parseName, sameName } from '../../../dns/wire/index.ts';
import { anyName } from '../arbitrary.ts';

const texts: readonly (readonly [text: string, labels: readonly string[], formatted: string])[] = [
  ['.', [], '.'],
  ['web.shop', ['web', 'shop'], 'web.shop.'],
  ['web.shop.', ['web', 'shop'], 'web.shop.'],
  ['a\\.b.c', ['a.b', 'c'], 'a\\.b.c.'],
  ['a\\032b', ['a b'], 'a\\032b.'],
  ['\\255', ['ÿ'], '\\255.'],
  ['x\\.', ['x.'], 'x\\..'],
];
for (const [text, labels, formatted] of texts) {
  test(`${text} is ${labels.length} labels`, () => {
    deepEqual(parseName(text), labels);
    equal(formatName(labels), formatted);
  });
}

const bad: readonly (readonly [text: string, why: string])[] = [
  ['a..b', 'empty label'],
  ['.a', 'empty label'],
  [`${'a'.repeat(64)}.b`, '64 octets'],
  [Array.from({ length: 5 }, () => 'a'.repeat(60)).join('.'), '306 octets'],
  ['a\\256', 'no octet'],
  ['a\\', 'lone backslash'],
  ['snowman-☃', 'not ASCII'],
];
for (const [text, why] of bad) {
  test(`no name: ${why}`, () => throws(() => parseName(text), { code: 'BadName' }));
}

test('any name is read again from its text', () => {
  fc.assert(
    fc.property(anyName, (name) => deepEqual(parseName(formatName(name)), name)),
    { numRuns: 300, seed: 1 },
  );
});

test('case is folded for ASCII alone', () => {
  deepEqual(lowerName(['AbC-09', 'É']), ['abc-09', 'É']);
  equal(sameName(['A', 'b'], ['a', 'B']), true);
  equal(sameName(['É'], ['é']), false);
});

const within: readonly (readonly [name: string, zone: string, expected: boolean])[] = [
  ['a.cluster.local', 'Cluster.Local', true],
  ['cluster.local', 'cluster.local', true],
  ['xcluster.local', 'cluster.local', false],
  ['local', 'cluster.local', false],
  ['anything', '.', true],
  ['x\\.cluster.local', 'cluster.local', false],
];
for (const [name, zone, expected] of within) {
  test(`${name} is ${expected ? '' : 'not '}within ${zone}`, () =>
    equal(isWithin(parseName(name), parseName(zone)), expected));
}
