import { equal } from 'node:assert/strict';
import { test } from 'node:test';
import { safeText } from '../../../daemon/cli/index.ts';
import { tableText } from '../../../daemon/cli/table-text.ts';

const table = {
  columns: [{ name: 'NAME' }, { name: 'SELECTOR', wide: true as const }, { name: 'AGE' }],
  rows: [
    ['web', 'a=b', '5m'],
    ['a-long-name', '', '1d'],
    ['two\r\nlines', 'c', ''],
  ],
};

const cases: readonly (readonly [wide: boolean, lines: readonly string[]])[] = [
  [false, ['NAME          AGE', 'web           5m', 'a-long-name   1d', 'two\\nlines']],
  [
    true,
    [
      'NAME          SELECTOR   AGE',
      'web           a=b        5m',
      'a-long-name              1d',
      'two\\nlines    c',
    ],
  ],
];
for (const [wide, lines] of cases) {
  test(`a table ${wide ? 'with' : 'without'} wide columns`, () =>
    equal(tableText(table, wide), `${lines.join('\n')}\n`));
}

const texts: readonly (readonly [text: string, safe: string])[] = [
  ['plain\ttext\n', 'plain\ttext\n'],
  ['\u001b[2Jgone', '\\u001b[2Jgone'],
  ['\u0007\u007f\u009b\r', '\\u0007\\u007f\\u009b\\u000d'],
  ['héllo ✓', 'héllo ✓'],
];
for (const [text, safe] of texts) {
  test(`a terminal gets ${JSON.stringify(safe)}`, () => equal(safeText(text), safe));
}
