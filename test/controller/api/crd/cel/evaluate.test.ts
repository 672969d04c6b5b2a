import { deepEqual, equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { evaluate } from '../../../../../controller/api/crd/cel/evaluate.ts';
import { parseExpression } from '../../../../../controller/api/crd/cel/parse.ts';

const self = {
  a: 1,
  b: 'text',
  t: true,
  n: null,
  list: [1, 2, 3],
  items: [
    { name: 'x', port: 80 },
    { name: 'y', port: 443 },
  ],
  map: { k: 'v', other: 'w' },
  'dash-ed': 5,
};

function valueOf(text: string, steps = 10_000): unknown {
  return evaluate(parseExpression(text), new Map<string, unknown>([['self', self]]), { steps });
}

const cases: readonly (readonly [string, unknown])[] = [
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['7 % 4 - 1', 2],
  ['-self.a', -1],
  ['!self.t || self.a == 1', true],
  ['self.a >= 1 && self.a < 2', true],
  ['self.b == "text"', true],
  ["self.b != 'a\\'b'", true],
  ['r"\\d" == "\\\\d"', true],
  ['"a" + "b" == "ab"', true],
  ['self.a in self.list', true],
  ['"k" in self.map', true],
  ['"z" in self.map', false],
  ['self.list[1]', 2],
  ['self.map["k"]', 'v'],
  ['self.dash__dash__ed', 5],
  ['has(self.a) && !has(self.z)', true],
  ['has(self.z) ? self.z : "none"', 'none'],
  ['has(self.map.k)', true],
  ['self.n == null', true],
  ['size(self.list) == self.list.size()', true],
  ['"😀".size()', 1],
  ['self.b.startsWith("te") && self.b.endsWith("xt") && self.b.contains("ex")', true],
  ['self.b.matches("^[a-z]+$")', true],
  ['self.b.upperAscii()', 'TEXT'],
  ['"a,b".split(",").join("-")', 'a-b'],
  ['self.items.all(i, i.port > 0)', true],
  ['self.items.exists(i, i.name == "y")', true],
  ['self.items.exists_one(i, i.port < 100)', true],
  ['self.items.map(i, i.name) == ["x", "y"]', true],
  ['self.items.filter(i, i.port == 80).size()', 1],
  ['self.map.all(key, self.map[key].size() == 1)', true],
  ['self.items.all(i, self.items.exists_one(j, j.name == i.name))', true],
  ['true ? 1 : 2 // and a comment', 1],
  // One side decides although the other fails.
  ['self.z == 1 || true', true],
  ['false && self.z', false],
  ['self.z && false', false],
  ['[1, 2,]', [1, 2]],
];

for (const [text, expected] of cases) {
  test(`${text} is ${JSON.stringify(expected)}`, () => deepEqual(valueOf(text), expected));
}

const refused: readonly (readonly [string, string])[] = [
  ['self.z', 'Evaluation'],
  ['self.a.b', 'Evaluation'],
  ['self.list[9]', 'Evaluation'],
  ['self.a && true', 'Evaluation'],
  ['self.a < self.b', 'Evaluation'],
  ['self.a + self.b', 'Evaluation'],
  ['self.z == 1 || false', 'Evaluation'],
  [
    'self.list.all(i, self.list.all(j, self.list.all(k, i + j + k < 100 && i * j * k < 100)))',
    'TooExpensive',
  ],
  ['9007199254740991 + 1', 'Evaluation'],
  ['self.a ==', 'Syntax'],
  ['(self.a', 'Syntax'],
  ['self.a self.b', 'Syntax'],
  ['self.a # 1', 'Syntax'],
  ['has(self)', 'Syntax'],
  ['', 'Syntax'],
  ['10 / 3', 'Unsupported'],
  ['duration("1h")', 'Unsupported'],
  ['self.b.matches(self.b)', 'Unsupported'],
  ['{"a": 1}', 'Unsupported'],
  ['1u', 'Unsupported'],
  ['b"x"', 'Unsupported'],
  ['"""x"""', 'Unsupported'],
  ['self.map.all(k, v, true)', 'Unsupported'],
  [`${'('.repeat(100)}1${')'.repeat(100)}`, 'Unsupported'],
  [`${'!'.repeat(100)}true`, 'Unsupported'],
  ['1 + '.repeat(4000), 'Unsupported'],
];

for (const [text, code] of refused) {
  test(`${text.slice(0, 40)} gives ${code}`, () => throws(() => valueOf(text, 150), { code }));
}

test('any text is an expression or a CelError', () => {
  const words = [
    'self',
    '.a',
    '.list',
    'has(',
    '(',
    ')',
    '[',
    ']',
    '"x"',
    '1',
    '+',
    '&&',
    '?',
    ':',
    '!',
    '.all(i, ',
    'i',
    ' in ',
    ',',
    '\\',
    "'",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (pieces) => {
      try {
        valueOf(pieces.join(' '));
      } catch (error) {
        equal(error instanceof Error && error.name, 'CelError');
      }
    }),
    { numRuns: 500 },
  );
});
