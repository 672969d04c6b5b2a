import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { contentLine, splitDocuments } from '../../../../controller/sources/manifests/documents.ts';

const cases: readonly (readonly [string, string, readonly (readonly [string, number])[]])[] = [
  ['nothing', '', []],
  ['comments', '# a\n---\n# b\n\n', []],
  ['one', 'a: 1\n', [['a: 1\n', 1]]],
  [
    'two',
    'a: 1\n---\nb: 2\n',
    [
      ['a: 1\n', 1],
      ['---\nb: 2\n', 2],
    ],
  ],
  ['empty between', '---\n---\n# x\n---\na: 1', [['---\na: 1', 4]]],
  ['comment on the marker', '--- # Source: chart\na: 1\n', [['--- # Source: chart\na: 1\n', 1]]],
  ['content on the marker', '--- {a: 1}\n', [['--- {a: 1}\n', 1]]],
  [
    'end marker',
    'a: 1\n...\nb: 2\n',
    [
      ['a: 1\n', 1],
      ['b: 2\n', 3],
    ],
  ],
  ['dashes in text', 'a: |\n  ---\n----\n', [['a: |\n  ---\n----\n', 1]]],
  [
    'carriage returns',
    'a: 1\r\n---\r\nb: 2\r\n',
    [
      ['a: 1\r\n', 1],
      ['---\r\nb: 2\r\n', 2],
    ],
  ],
  ['notes for people', 'a: 1\nNOTES:\nGet it: by\n', [['a: 1\n', 1]]],
];
for (const [name, file, expected] of cases) {
  test(`splits ${name}`, () => {
    deepEqual(
      splitDocuments(file).map(({ text, line }) => [text, line]),
      expected,
    );
  });
}

test('equal texts have equal hashes, others do not', () => {
  const [a, b, c] = splitDocuments('---\nx: 1\n---\nx: 1\n---\nx: 2\n');
  equal(a?.hash, b?.hash);
  equal(b?.hash === c?.hash, false);
});

test('content begins below markers, comments and blank lines', () => {
  equal(contentLine('---\n# a\n\n  # b\nkind: A\n'), 5);
  equal(contentLine('--- {a: 1}\n'), 1);
  equal(contentLine('a: 1\n'), 1);
});
