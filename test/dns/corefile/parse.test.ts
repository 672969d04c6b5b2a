import { deepEqual, equal, ok, throws } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ConfigError } from '../../../controller/base/index.ts';
import { type Directive, parseCorefile } from '../../../dns/corefile/index.ts';
import { formatName } from '../../../dns/wire/index.ts';
import { type Files, memorySource } from '../corefile-server.ts';

/** `name arg { nested }` of each directive. */
function spell({ name, args, block }: Directive): string {
  const words = [name, ...args].map(({ text }) => text).join(' ');
  return block ? `${words} {${block.map(spell).join('; ')}}` : words;
}

function parse(text: string, files: Files = {}): readonly string[] {
  return parseCorefile(text, 'Corefile', memorySource(files)).blocks.map(({ keys, directives }) => {
    const where = keys.map(({ scheme, zone, port }) => `${scheme}://${formatName(zone)}:${port}`);
    return `${where.join(' ')} | ${directives.map(spell).join('; ')}`;
  });
}

const accepted: readonly (readonly [
  why: string,
  text: string,
  expected: readonly string[],
  files?: Files,
])[] = [
  ['one block', '. {\n whoami\n}\n', ['dns://.:53 | whoami']],
  ['no braces at all', '.\nwhoami\nlog\n', ['dns://.:53 | whoami; log']],
  [
    'keys with blanks, commas, new lines',
    'a.org, b.org,\nc.org:54 {\n}\n',
    ['dns://a.org.:53 dns://b.org.:53 dns://c.org.:54 | '],
  ],
  ['schemes', 'tls://. https://x.org:8443 {\n}', ['tls://.:853 https://x.org.:8443 | ']],
  ['upper case', 'Example.ORG {\n}', ['dns://example.org.:53 | ']],
  [
    'CIDR up to the next octet',
    '10.0.0.0/15 {\n}',
    ['dns://0.10.in-addr.arpa.:53 dns://1.10.in-addr.arpa.:53 | '],
  ],
  ['CIDR of IPv6', '2001:db8::/32 {\n}', ['dns://8.b.d.0.1.0.0.2.ip6.arpa.:53 | ']],
  [
    'nested options',
    '. {\n cache 30 {\n  success 10\n }\n}',
    ['dns://.:53 | cache 30 {success 10}'],
  ],
  ['a comment anywhere', '. { # here\n lo#g\n}', ['dns://.:53 | lo']],
  [
    'quotes over lines, and the one escape',
    '. {\n a "x\\"\n\\d" b\n}',
    ['dns://.:53 | a x"\n\\d b'],
  ],
  ['a byte order mark and CR', '\ufeff. {\r\n log\r\n}\r\n', ['dns://.:53 | log']],
  [
    'environment in both spellings',
    '. {\n a x{$NAME}y {%NAME%} {$GONE}z\n}',
    ['dns://.:53 | a xvaluey value z'],
  ],
  [
    'a snippet',
    '(s) {\n log\n errors\n}\n. {\n import s\n whoami\n}',
    ['dns://.:53 | log; errors; whoami'],
  ],
  ['a file within a block', '. {\n import x.conf\n}', ['dns://.:53 | log'], { 'x.conf': 'log' }],
  [
    'a pattern at the top',
    'import custom/*.server\n. {\n}',
    ['dns://a.org.:53 | ', 'dns://b.org.:53 | ', 'dns://.:53 | '],
    { 'custom/1.server': 'a.org {\n}', 'custom/2.server': 'b.org {\n}' },
  ],
  [
    'a pattern that matches nothing',
    '. {\n import custom/*.override\n log\n}',
    ['dns://.:53 | log'],
  ],
  [
    'an import within options',
    '. {\n hosts {\n  import h\n }\n}',
    ['dns://.:53 | hosts {10.0.0.1 a}'],
    { h: '10.0.0.1 a' },
  ],
];
for (const [why, text, expected, files] of accepted) {
  test(`Corefile: ${why}`, () => deepEqual(parse(text, files), expected));
}

const refused: readonly (readonly [text: string, message: RegExp, files?: Files])[] = [
  [
    '. {\n health{\n lameduck 5s\n }\n}',
    /^Corefile:2:2: a blank is missing before the brace: write "health \{"/,
  ],
  ['. {\n a "x\n}', /^Corefile:2:4: this quote is never closed/],
  ['. {\n log\n', /^Corefile:1:3: this brace is never closed/],
  ['}\n', /^Corefile:1:1: this brace closes nothing/],
  [':53 {\n}', /^Corefile:1:1: the zone is missing/],
  ['{\n}', /^Corefile:1:1: the zone is missing/],
  ['.:99999 {\n}', /port 99999 is not from 1 to 65535/],
  ['quic://. {\n}', /quic:\/\/ is not served by this version/],
  ['a/b {\n}', /neither a zone nor a CIDR/],
  ['. {\n import a b\n}', /import takes one argument/],
  ['. {\n import nowhere\n}', /"nowhere" is neither a snippet defined above nor a readable file/],
  ['. {\n import a*b*\n}', /has 2 \*, one is allowed/],
  ['(s) {\n}\n(s) {\n}', /snippet "s" is defined twice/],
  ['(s) {\n import s\n}\n. {\n import s\n}', /snippet "s" imports itself/],
  ['. {\n import x\n}', /x:1:1: "x" is imported by what it imports/, { x: 'import x' }],
  ['. {\n errors { stacktrace }\n}', /a new line must follow "\{"/],
];
for (const [text, message, files] of refused) {
  test(`Corefile: refused, ${message.source}`, () =>
    throws(() => parse(text, files), { name: 'ConfigError', message }));
}

test('Corefile: whatever the text, it is read or refused with a place', () => {
  const word = fc.constantFrom(
    '.',
    '{',
    '}',
    '"',
    '\\',
    '#',
    '\n',
    ' ',
    'import',
    '(s)',
    'log',
    'a{',
    ',',
    ':',
    '/',
    '{$',
    '}',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      try {
        parse(words.join(''));
      } catch (error) {
        ok(error instanceof ConfigError, String(error));
        equal(error.at?.file, 'Corefile');
      }
    }),
  );
});
