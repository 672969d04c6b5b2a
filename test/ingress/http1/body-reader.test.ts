import { equal, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BodyReader, breached, chunkedBody, untilClose } from '../../../ingress/http1/index.ts';

/** Reads in pieces of these sizes; gives the data, and what came behind it. */
function read(
  reader: BodyReader,
  text: string,
  pieceBytes: number,
): { data: string; rest: string; done: boolean } | 'breach' {
  const bytes = Buffer.from(text, 'latin1');
  let data = '';
  let position = 0;
  while (position < bytes.length && !reader.done) {
    const end = Math.min(bytes.length, position + pieceBytes);
    const after = reader.read(bytes, position, end);
    if (after === breached) return 'breach';
    for (let index = 0; index < reader.pieceCount; index += 1) {
      data += bytes.toString('latin1', reader.pieces[index * 2], reader.pieces[index * 2 + 1]);
    }
    position = after;
  }
  return { data, rest: bytes.toString('latin1', position), done: reader.done };
}

const sound = [
  ['one chunk', '5\r\nhello\r\n0\r\n\r\n', 'hello'],
  ['several', '1\r\na\r\n0a\r\n0123456789\r\n000\r\n\r\n', 'a0123456789'],
  [
    'upper and lower case',
    'A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n',
    '01234567890123456789',
  ],
  ['extensions', '1;x=y;z="q u"\r\na\r\n0 ; e\r\n\r\n', 'a'],
  ['trailers', '1\r\na\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\n', 'a'],
  ['CRLF in the data', '4\r\n\r\n\r\n\r\n0\r\n\r\n', '\r\n\r\n'],
] as const;
for (const [what, text, data] of sound) {
  test(`chunked, ${what}: read in pieces of any size`, () => {
    for (let size = 1; size <= text.length + 4; size += 1) {
      const reader = new BodyReader();
      reader.begin(chunkedBody);
      const outcome = read(reader, `${text}NEXT`, size);
      assert(outcome !== 'breach');
      equal(outcome.data, data);
      equal(outcome.rest, 'NEXT');
    }
  });
}

const broken = [
  ['a sign', '+5\r\nhello\r\n0\r\n\r\n'],
  ['0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['no digit', '\r\n'],
  ['17 digits', `${'0'.repeat(16)}5\r\n`],
  ['a size beyond 2^53', 'fffffffffffffff\r\n'],
  ['a space and no extension', '5 \r\nhello\r\n0\r\n\r\n'],
  ['LF behind the size', '5\nhello\r\n0\r\n\r\n'],
  ['CR without LF behind the size', '5\r5\r\nhello'],
  ['LF behind the data', '5\r\nhello\n0\r\n\r\n'],
  ['two other bytes behind the data', '5\r\nhelloXX0\r\n\r\n'],
  ['LF in a quoted extension', '5;a="\n"\r\nhello\r\n0\r\n\r\n'],
  ['a control in an extension', '5;a=\x01\r\nhello\r\n0\r\n\r\n'],
  ['a long extension', `5;${'a'.repeat(4097)}\r\n`],
  ['many extensions', `1;${'a'.repeat(4000)}\r\na\r\n`.repeat(5)],
  ['a folded trailer', '0\r\nX: a\r\n b\r\n\r\n'],
  ['a trailer without colon', '0\r\nX\r\n\r\n'],
  ['LF at the very end', '0\r\n\n'],
  ['long trailers', `0\r\n${`X: ${'y'.repeat(1000)}\r\n`.repeat(17)}`],
] as const;
for (const [what, text] of broken) {
  test(`chunked, ${what}: refused in pieces of any size`, () => {
    for (const size of [1, 2, 3, 7, text.length]) {
      const reader = new BodyReader();
      reader.begin(chunkedBody);
      equal(read(reader, text, size), 'breach');
    }
  });
}

test('lengths: what is behind belongs to the next message', () => {
  const reader = new BodyReader();
  reader.begin(5);
  const outcome = read(reader, 'helloNEXT', 3);
  assert(outcome !== 'breach');
  equal(`${outcome.data}|${outcome.rest}`, 'hello|NEXT');
  reader.begin(0);
  equal(reader.done, true);
});

test('until the end of the connection', () => {
  const reader = new BodyReader();
  reader.begin(untilClose);
  const outcome = read(reader, 'all of it', 4);
  assert(outcome !== 'breach');
  equal(outcome.data, 'all of it');
  equal(outcome.done, false);
  equal(reader.endsWithConnection, true);
  reader.end();
  equal(reader.done, true);
});

test('any chunks in any pieces give the data back', () => {
  const chunks = fc.array(fc.string({ minLength: 1, maxLength: 40, unit: 'binary-ascii' }), {
    maxLength: 400,
  });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 1, max: 64 }), (parts, size) => {
      const text = parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
      const reader = new BodyReader();
      reader.begin(chunkedBody);
      const outcome = read(reader, `${text}0\r\n\r\n`, size);
      assert(outcome !== 'breach');
      equal(outcome.data, parts.join(''));
      equal(outcome.done, true);
    }),
    { numRuns: 100 },
  );
});
