import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HpackDecoder } from '../../../../ingress/http2/hpack/decoder.ts';
import { HpackEncoder } from '../../../../ingress/http2/hpack/encoder.ts';

type Pair = readonly [name: string, value: string];

/** The fields of a block, or undefined where it is broken. */
function decode(decoder: HpackDecoder, hex: string): readonly Pair[] | undefined {
  const fields: Pair[] = [];
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const sink = {
    field: ({ name, value }: { name: string; value: string }) => fields.push([name, value]),
  };
  return decoder.decode(bytes, 0, bytes.length, { field: (field) => void sink.field(field) })
    ? fields
    : undefined;
}

const example: readonly Pair[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/'],
  [':authority', 'www.example.com'],
];
const october: readonly Pair[] = [
  ['cache-control', 'private'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['location', 'https://www.example.com'],
];

/** RFC 7541, Appendix C: the blocks of one connection each. */
const vectors: readonly (readonly [
  name: string,
  blocks: readonly (readonly [hex: string, fields: readonly Pair[]])[],
])[] = [
  [
    'C.2: literals',
    [
      ['400a637573746f6d2d6b65790d637573746f6d2d686561646572', [['custom-key', 'custom-header']]],
      ['040c2f73616d706c652f70617468', [[':path', '/sample/path']]],
      ['100870617373776f726406736563726574', [['password', 'secret']]],
    ],
  ],
  [
    'C.3: requests',
    [
      ['828684410f7777772e6578616d706c652e636f6d', example],
      ['828684be58086e6f2d6361636865', [...example, ['cache-control', 'no-cache']]],
    ],
  ],
  [
    'C.4: requests, Huffman',
    [
      ['828684418cf1e3c2e5f23a6ba0ab90f4ff', example],
      ['828684be5886a8eb10649cbf', [...example, ['cache-control', 'no-cache']]],
      [
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
        [
          [':method', 'GET'],
          [':scheme', 'https'],
          [':path', '/index.html'],
          [':authority', 'www.example.com'],
          ['custom-key', 'custom-value'],
        ],
      ],
    ],
  ],
  [
    'C.6: responses, Huffman, a table of 256 bytes',
    [
      [
        '3fe101 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        [[':status', '302'], ...october],
      ],
      ['4883640effc1c0bf', [[':status', '307'], ...october]],
    ],
  ],
];

for (const [name, blocks] of vectors) {
  test(`RFC 7541 ${name}`, () => {
    const decoder = new HpackDecoder();
    for (const [hex, fields] of blocks) deepEqual(decode(decoder, hex), fields);
  });
}

test('the table of C.6 has dropped its oldest entry', () => {
  const decoder = new HpackDecoder();
  const [, blocks] = vectors.at(-1) ?? [];
  for (const [hex] of blocks ?? []) decode(decoder, hex);
  deepEqual(decode(decoder, 'be'), [[':status', '307']]);
  deepEqual(decode(decoder, 'c1'), [['cache-control', 'private']]);
  equal(decode(decoder, 'c2'), undefined);
});

const broken: readonly (readonly [hex: string, why: string])[] = [
  ['80', 'index 0'],
  ['be', 'an index beyond the table'],
  ['ff', 'half an integer'],
  ['ffffffffffff7f', 'an integer that does not end'],
  ['ff80ffffff7f', 'an integer above what means anything'],
  ['400a6375', 'a string that is longer than the block'],
  ['40', 'no name'],
  ['4001', 'half a name'],
  ['40016100 4001', 'a second field without name'],
  ['82 3fe101', 'a size update behind a field'],
  ['20 20 20', 'three size updates'],
  ['3fe21f', 'a table of 4097 bytes'],
  ['4082ffff00', 'Huffman padding of a byte and more'],
  ['40811800', 'Huffman padding that has zeros'],
  ['4084ffffffff00', 'EOS'],
];
for (const [hex, why] of broken) {
  test(`broken: ${why}`, () => equal(decode(new HpackDecoder(), hex), undefined));
}

test('no prefix of a block, and no byte of it changed, throws', () => {
  for (const [, blocks] of vectors) {
    for (const [hex] of blocks) {
      const whole = Buffer.from(hex.replaceAll(' ', ''), 'hex');
      for (let cut = 0; cut < whole.length; cut += 1) {
        decode(new HpackDecoder(), whole.toString('hex', 0, cut));
        const changed = Buffer.from(whole);
        changed[cut] = (changed[cut] ?? 0) ^ 0xff;
        decode(new HpackDecoder(), changed.toString('hex'));
      }
    }
  }
});

const latin1 = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 })
  .map((bytes) => Buffer.from(bytes).toString('latin1'));
const someName = fc.constantFrom(':path', 'cookie', 'x-a', 'content-type', 'server', 'etag');
const someBlock = fc.array(fc.tuple(fc.oneof(someName, latin1), latin1), { maxLength: 12 });

test('what the encoder writes, the decoder reads, over changes of the table size', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(someBlock, fc.option(fc.constantFrom(0, 64, 300, 4096, 65_536))), {
        maxLength: 12,
      }),
      (blocks) => {
        const encoder = new HpackEncoder();
        const decoder = new HpackDecoder();
        const bytes = Buffer.alloc(65_536);
        for (const [fields, size] of blocks) {
          if (size !== null) encoder.allowTable(size);
          // So that entries repeat within a block and from one to the next.
          const twice = [...fields, ...fields];
          encoder.begin(bytes);
          for (const [name, value] of twice) encoder.field(name, value);
          deepEqual(decode(decoder, bytes.toString('hex', 0, encoder.end())), twice);
        }
      },
    ),
  );
});

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      decode(new HpackDecoder(), Buffer.from(bytes).toString('hex'));
    }),
    { numRuns: 500 },
  );
});
