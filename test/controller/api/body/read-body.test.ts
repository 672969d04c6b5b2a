import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readJsonBody, readYamlBody } from '../../../../controller/api/body/index.ts';

const duplicates: readonly (readonly [string, string, readonly string[]])[] = [
  ['none', '{"a":{"b":1},"c":{"b":1}}', []],
  ['at the top', '{"a":1,"a":2}', ['a']],
  ['in a list of objects', '{"s":{"p":[{"n":1},{"n":1,"n":2}]}}', ['s.p[1].n']],
  ['written in two ways', '{"ab":1,"a\\u0062":2}', ['ab']],
  ['but not as values', '{"a":"a","b":["a","a",{"a":"a"}]}', []],
  ['behind quotes and brackets in text', '{"x":"\\"}],{\\\\","x":1}', ['x']],
];
for (const [name, text, expected] of duplicates) {
  test(`duplicate keys: ${name}`, () => {
    const body = readJsonBody(text);
    deepEqual(body.duplicates, expected);
    deepEqual(body.value, JSON.parse(text));
  });
}

test('what JSON.stringify writes has no duplicates, and is read as it was', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const body = readJsonBody(text);
      deepEqual(body.value, JSON.parse(text));
      deepEqual(body.duplicates, []);
    }),
    { numRuns: 300 },
  );
});

test('any text gives a value or a BodyError', () => {
  for (const read of [readJsonBody, readYamlBody]) {
    fc.assert(
      fc.property(fc.stringMatching(/^[{}[\]",:a&*<\\ \n-]{0,24}$/), (text) => {
        try {
          read(text);
        } catch (error) {
          equal(error instanceof Error && error.name, 'BodyError');
        }
      }),
      { numRuns: 300 },
    );
  }
});

const refused: readonly (readonly [string, (text: string) => unknown, string, RegExp])[] = [
  ['deep JSON', readJsonBody, '['.repeat(200_000), /100 levels/],
  ['deep YAML', readYamlBody, `a: ${'['.repeat(200_000)}`, /100 levels/],
  [
    'deep block YAML',
    readYamlBody,
    Array.from({ length: 150 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    /100 levels/,
  ],
  ['large YAML', readYamlBody, `a: "${'x'.repeat(300_000)}"`, /as JSON/],
  [
    'an alias bomb',
    readYamlBody,
    [
      'a0: &a0 [x,x]',
      ...Array.from(
        { length: 9 },
        (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(',')}]`,
      ),
    ].join('\n'),
    /aliases multiply/,
  ],
  ['two keys in YAML', readYamlBody, 'a: 1\na: 2', /no valid YAML \(line 2\)/],
  ['two documents', readYamlBody, 'a: 1\n---\nb: 2', /several YAML documents/],
];
for (const [name, read, text, message] of refused) {
  test(`refuses ${name}`, () => throws(() => read(text), { name: 'BodyError', message }));
}

test('errors say where, and never quote the body', () => {
  for (const [read, text] of [
    [readJsonBody, '{"password": "hunter2" "x": 1}'],
    [readJsonBody, '{"password": hunter2}'],
    [readYamlBody, 'password: "hunter2\nx: ]'],
  ] as const) {
    throws(
      () => read(text),
      (error: Error) => {
        ok(!error.message.includes('hunter'), error.message);
        return true;
      },
    );
  }
});

test('YAML means what it means to kubectl', () => {
  deepEqual(readYamlBody('a: yes\nb: &x [1]\nc: *x\n').value, { a: true, b: [1], c: [1] });
  deepEqual(readYamlBody('# one\n---\na: 1\n---\n').value, { a: 1 });
  deepEqual(readYamlBody(' {"a": 1}').value, { a: 1 });
});
