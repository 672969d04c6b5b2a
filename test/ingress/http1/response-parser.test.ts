import { deepEqual, equal, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import {
  breached,
  chunkedBody,
  incomplete,
  ResponseParser,
  untilClose,
} from '../../../ingress/http1/index.ts';

const limits = { headBytes: 65_536, headerLines: 200 };

const accepted = [
  ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'GET', 200, 2],
  ['chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET', 200, chunkedBody],
  ['neither', 'HTTP/1.1 200 OK\r\n\r\n', 'GET', 200, untilClose],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', 'GET', 200, untilClose],
  ['no reason', 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', 'GET', 200, 0],
  ['no space either', 'HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n', 'GET', 200, 0],
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 'HEAD', 200, 0],
  ['204', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n', 'GET', 204, 0],
  ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 'GET', 304, 0],
  ['103', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n', 'GET', 103, 0],
  [
    'a space before a colon',
    'HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 2\r\n\r\n',
    'GET',
    200,
    2,
  ],
] as const;
for (const [what, text, method, status, length] of accepted) {
  test(`${what} is read, however it is split`, () => {
    const bytes = Buffer.from(text, 'latin1');
    const parser = new ResponseParser(limits);
    for (let end = 0; end < bytes.length; end += 1) equal(parser.parse(bytes, 0, end), incomplete);
    equal(parser.parse(bytes, 0, bytes.length), bytes.length);
    deepEqual([parser.status, parser.bodyFor(method)], [status, length]);
  });
}

const refused = [
  ['no status line', '<html>'],
  ['HTTP/2.0', 'HTTP/2.0 200 OK\r\n\r\n'],
  ['two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
  ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['099', 'HTTP/1.1 099 X\r\n\r\n'],
  ['600', 'HTTP/1.1 600 X\r\n\r\n'],
  ['LF alone', 'HTTP/1.1 200 OK\n\r\n'],
  ['NUL in the reason', 'HTTP/1.1 200 O\0K\r\n\r\n'],
  ['both framings', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['differing lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ['a space before the colon of a length', 'HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\n'],
  ['gzip', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ['chunked in 1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['obs-fold', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(65_536)}`],
] as const;
for (const [what, text] of refused) {
  test(`${what} is refused`, () => {
    const bytes = Buffer.from(text, 'latin1');
    const parser = new ResponseParser(limits);
    equal(parser.parse(bytes, 0, bytes.length), breached);
    assert(parser.breach.length > 0);
  });
}
