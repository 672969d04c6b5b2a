import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseCondition } from '../../../dns/expression/index.ts';
import type { Query } from '../../../dns/plugins/plugin.ts';
import { plainQuery } from '../plugin-context.ts';

const query: Query = {
  ...plainQuery,
  client: { address: '10.1.2.3', port: 40_000 },
  server: { host: '127.0.0.1', port: 53 },
};
const readPattern = (source: string): RegExp => new RegExp(source);

const cases: readonly (readonly [text: string, expected: boolean])[] = [
  ["incidr(client_ip(), '10.0.0.0/8')", true],
  ["incidr(client_ip(), '192.168.0.0/16')", false],
  ["type() in ['A', 'AAAA']", true],
  ["type() not in ['A', 'AAAA']", false],
  ["name() matches '^www\\\\.example\\\\.com\\\\.$'", true],
  ["name() not matches '^abc'", true],
  ["(type() == 'A' && name() == 'x.') || client_ip() == '10.1.2.3'", true],
  ["type() == 'A' and not do()", true],
  ["!(proto() == 'udp')", false],
  ['bufsize() == 512 && id() == 1 && size() > 30 && opcode() < 1', true],
  ["class() == 'IN' && port() == '40000'", true],
  ["server_ip() + ':' + server_port() == '127.0.0.1:53'", true],
  ["name() contains 'example' && name() startsWith 'www' && name() endsWith 'com.'", true],
  ["metadata('kubernetes/client-namespace') == ''", true],
  ['1 + 2 * 3 == 7', true],
  ['true || 1 == 2', true],
  ["'a\\'b' == `a'b`", true],
];
for (const [text, expected] of cases) {
  test(`${text} is ${expected}`, () => equal(parseCondition(text, readPattern)(query), expected));
}

const refused: readonly (readonly [text: string, expected: RegExp])[] = [
  ['', /ends early/],
  ['frob()', /no function "frob"/],
  ['type() ==', /ends early/],
  ["type() == 'A' 'B'", /not expected here/],
  ["incidr('a')", /takes 2 arguments/],
  ['(true', /ends early/],
  ['type() # x', /no part of an expression/],
  ['name() matches type()', /pattern in quotes/],
  ['('.repeat(200), /nested too deeply/],
];
for (const [text, expected] of refused) {
  test(`refused: ${text.slice(0, 40)}`, () => {
    throws(() => parseCondition(text, readPattern), expected);
  });
}

test('what is neither true nor false is an error of the expression', () => {
  throws(() => parseCondition("'text'", readPattern)(query), /neither true nor false/);
  throws(() => parseCondition("incidr('10.0.0.1', 'x')", readPattern)(query), /no CIDR/);
});

test('any text is an expression or a SyntaxError', () => {
  const words = fc.constantFrom(
    'type()',
    "'A'",
    '==',
    'in',
    '[',
    ']',
    '(',
    ')',
    ',',
    'not',
    '!',
    '1',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(words).map((some) => some.join(' ')),
      ),
      (text) => {
        try {
          parseCondition(text, readPattern);
        } catch (error) {
          equal(error instanceof SyntaxError, true);
        }
      },
    ),
  );
});
