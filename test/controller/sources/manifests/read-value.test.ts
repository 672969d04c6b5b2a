import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readValue } from '../../../../controller/sources/manifests/read-value.ts';

const values: readonly (readonly [string, string, unknown])[] = [
  ['plain YAML', 'a: b\n', { a: 'b' }],
  ['JSON', '{"a": [1, "b", null]}', { a: [1, 'b', null] }],
  ['JSON with a comment, which is YAML', '{"a": 1} # b\n', { a: 1 }],
  ['block scalars', 'a: |\n  b\n  c\n', { a: 'b\nc\n' }],
  ['merge keys', 'a: &x {b: 1}\nc: {<<: *x, d: 2}\n', { a: { b: 1 }, c: { b: 1, d: 2 } }],
  ['truth values of kubectl', 'a: [yes, No, ON, off, y]\n', { a: [true, false, true, false, 'y'] }],
  ['the same as keys', 'on: {no: 1}\n', { on: { no: 1 } }],
  ['times stay text', 'a: 2026-01-01\nb: 12:30:00\n', { a: '2026-01-01', b: '12:30:00' }],
  ['nothing', '# a\n', null],
];
for (const [name, text, value] of values) {
  test(`reads ${name}`, () => deepEqual(readValue(text), { kind: 'value', value }));
}

// [what it is, text, line:column]
const broken: readonly (readonly [string, string, string])[] = [
  ['key twice', 'a: 1\na: 2\n', '2:1'],
  ['alias of nothing', 'a: 1\nb: *hunter2\n', '2:4'],
  ['alias inside its anchor', 'a: &x\n  - *x\n', '2:5'],
  ['tab as indentation', 'a:\n\tb: 1\n', '2:1'],
  ['open quote', 'a: "b\n', '2:1'],
  ['list as a key', '? [a]\n: b\n', '1:3'],
];
for (const [name, text, place] of broken) {
  test(`says where: ${name}`, () => {
    const read = readValue(text);
    ok(read.kind === 'broken');
    const [first] = read.problems;
    deepEqual(`${first?.place.line}:${first?.place.column}`, place);
    // Texts of a Secret may stand in broken documents too.
    ok(!JSON.stringify(read).includes('hunter2'));
  });
}

test('never throws, whatever it gets', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom(
      '\n',
      '  ',
      ': ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '"',
      "'",
      '&a ',
      '*a',
      '|',
      '>',
      '#',
      '!',
      '---',
      '<<: ',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const read = readValue(pieces.join(''));
      // A value must be a tree: everything after this walks it.
      if (read.kind === 'value') JSON.stringify(read.value);
      else ok(read.problems.length > 0);
    }),
    { numRuns: 3000 },
  );
});
