import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { parseFullYaml } from '../../../../controller/sources/manifests/full-yaml.ts';
import { parsePlainYaml } from '../../../../controller/sources/manifests/plain-yaml.ts';

const service = `---
apiVersion: v1 # comment
kind: Service
metadata:
  name: shop
  labels: {}
spec:
  clusterIP: 10.0.0.1
  ports:
  - name: "http"
    port: 80
    targetPort: web
  -   port: 81
      name: 'b'
  externalIPs: [192.0.2.1, "192.0.2.2"]
  loadBalancerSourceRanges:
    - 10.0.0.0/8
    -
`;

test('reads what most manifests look like', () => {
  deepEqual(parsePlainYaml(service)?.value, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'shop', labels: {} },
    spec: {
      clusterIP: '10.0.0.1',
      ports: [
        { name: 'http', port: 80, targetPort: 'web' },
        { port: 81, name: 'b' },
      ],
      externalIPs: ['192.0.2.1', '192.0.2.2'],
      loadBalancerSourceRanges: ['10.0.0.0/8', null],
    },
  });
});

const left: readonly (readonly [string, string])[] = [
  ['anchor', 'a: &x 1\nb: *x\n'],
  ['tag', 'a: !!str 1\n'],
  ['literal', 'a: |\n  b\n'],
  ['folded', 'a: >-\n  b\n'],
  ['escape', 'a: "\\n"\n'],
  ['quote in quotes', "a: 'it''s'\n"],
  ['tab', 'a:\tb\n'],
  ['carriage return', 'a: b\r\n'],
  ['key twice', 'a: 1\na: 2\n'],
  ['flow map', 'a: {b: 1}\n'],
  ['lines of one scalar', 'a: b\n  c\n'],
  ['octal', 'a: 0o17\n'],
  ['leading zero', 'a: 017\n'],
  ['exponent', 'a: 1e3\n'],
  ['fraction', 'a: 1.5\n'],
  ['underscores', 'a: 1_000\n'],
  ['null', 'a: null\n'],
  ['tilde', 'a: ~\n'],
  ['yes', 'a: yes\n'],
  ['colon in text', 'a: b: c\n'],
  ['list in list', '- - a\n'],
  ['quoted key', '"a": 1\n'],
  ['key that is a number', '1: a\n'],
  ['__proto__', '__proto__: {}\n'],
  ['two documents', 'a: 1\n---\nb: 2\n'],
  ['template', 'a: {{ .Values.a }}\n'],
  ['mapping after its list', '- a: 1\n  - b\n'],
  ['deeper than the rest', 'a: 1\n  b: 2\n'],
];
for (const [name, text] of left) {
  test(`leaves to the full parser: ${name}`, () => equal(parsePlainYaml(text), undefined));
}

/** If both read a text, they must read the same. */
function agrees(text: string): boolean {
  const plain = parsePlainYaml(text);
  if (plain === undefined) return false;
  const full = parseFullYaml(text);
  deepEqual(full.problems, [], `only the plain reader takes ${JSON.stringify(text)}`);
  deepEqual(
    { value: plain.value },
    full.value(),
    `the readers differ about ${JSON.stringify(text)}`,
  );
  return true;
}

test('agrees with the full parser on generated documents', () => {
  let taken = 0;
  const leaf = fc.oneof(
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.string({ maxLength: 12 }),
    fc.constantFrom(
      '',
      'yes',
      '1.2.3.4',
      '10.0.0.0/8',
      '0x1f',
      '1e5',
      '.5',
      '- a',
      'a: b',
      'a #b',
      '#',
      '2026-01-01',
    ),
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[A-Za-z][\w./-]{0,8}$/), tie('tree'), { maxKeys: 4 }),
    ),
  }));
  const layout = fc.record({
    indent: fc.constantFrom(2, 4),
    indentSeq: fc.boolean(),
    lineWidth: fc.constant(0),
  });
  fc.assert(
    fc.property(tree, layout, (value, options) => {
      if (agrees(stringify(value, options))) taken += 1;
    }),
    { numRuns: 1000 },
  );
  ok(taken > 50, `only ${taken} documents were plain`);
});

test('agrees with the full parser on lines of all kinds', () => {
  const word = fc.constantFrom(
    'a',
    'b:',
    'c: d',
    '- e',
    '- f: g',
    '-',
    '- - h',
    '"i"',
    "'j'",
    '"k: l"',
    'm #n',
    '# o',
    '[p, q]',
    '[',
    ']',
    '{}',
    '80',
    '08',
    '-1',
    '-',
    '1.2.3.4',
    '1.2',
    'true',
    'null',
    'a:b',
    'x: "y" # z',
    "it's",
    '---',
    '...',
    '- [r]',
    '? s',
    '&t u',
    '*t',
    '!v w',
    '%x',
    '@',
    '`',
    '|',
    '>',
    'k: |',
    'k: -',
    'k: - a',
    'k: [a,,b]',
    'k: [a, ]',
    'k: .inf',
    'k: +1',
    'k: /a',
    'k: (a',
    'k: a,b',
    'k: a]',
    'k: _',
  );
  const line = fc.tuple(fc.nat({ max: 4 }), word, fc.constantFrom('', '', ' ', ' # c'));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
      agrees(lines.map(([indent, text, end]) => `${' '.repeat(indent)}${text}${end}\n`).join(''));
    }),
    { numRuns: 3000 },
  );
});
