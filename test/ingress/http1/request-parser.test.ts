import { deepEqual, equal, ok as assert } from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  breached,
  chunkedBody,
  incomplete,
  RequestParser,
  statusOf,
  unframed,
} from '../../../ingress/http1/index.ts';

const limits = { headBytes: 65_536, headerLines: 200, targetBytes: 16_384 };
const host = 'Host: a.test\r\n';

/** What one parse of these bytes gives: what the head says, or what is wrong with it. */
function outcome(parser: RequestParser, bytes: Buffer, end: number = bytes.length): unknown {
  const after = parser.parse(bytes, 0, end);
  if (after === incomplete) return 'incomplete';
  if (after === breached) return parser.breach;
  const { method, target, version, bodyLength } = parser;
  return { after, method, target, host: parser.host, version, bodyLength };
}

function parse(text: string): unknown {
  return outcome(new RequestParser(limits), Buffer.from(text, 'latin1'));
}

const accepted = [
  ['plain', `GET / HTTP/1.1\r\n${host}\r\n`, 'GET', '/', 'a.test', '1.1', unframed],
  [
    'blank lines before it',
    `\r\n\r\nGET / HTTP/1.1\r\n${host}\r\n`,
    'GET',
    '/',
    'a.test',
    '1.1',
    unframed,
  ],
  ['HTTP/1.0', `GET / HTTP/1.0\r\n${host}\r\n`, 'GET', '/', 'a.test', '1.0', unframed],
  ['HTTP/1.7', `GET / HTTP/1.7\r\n${host}\r\n`, 'GET', '/', 'a.test', '1.1', unframed],
  ['any token', `M-SEARCH /x HTTP/1.1\r\n${host}\r\n`, 'M-SEARCH', '/x', 'a.test', '1.1', unframed],
  [
    'absolute',
    `GET http://A.test:80?q HTTP/1.1\r\n${host}\r\n`,
    'GET',
    '/?q',
    'A.test:80',
    '1.1',
    unframed,
  ],
  ['asterisk', `OPTIONS * HTTP/1.1\r\n${host}\r\n`, 'OPTIONS', '*', 'a.test', '1.1', unframed],
  [
    'a length',
    `POST / HTTP/1.1\r\n${host}Content-Length: 7\r\n\r\n`,
    'POST',
    '/',
    'a.test',
    '1.1',
    7,
  ],
  [
    'equal lengths',
    `POST / HTTP/1.1\r\n${host}Content-Length: 7\r\nContent-length:7 \r\n\r\n`,
    'POST',
    '/',
    'a.test',
    '1.1',
    7,
  ],
  [
    'chunked',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding:\tCHUNKED \r\n\r\n`,
    'POST',
    '/',
    'a.test',
    '1.1',
    chunkedBody,
  ],
  [
    'IPv6 host',
    'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
    'GET',
    '/',
    '[::1]:80',
    '1.1',
    unframed,
  ],
  [
    'obs-text in a value',
    `GET / HTTP/1.1\r\n${host}X: \xe9\r\n\r\n`,
    'GET',
    '/',
    'a.test',
    '1.1',
    unframed,
  ],
] as const;
for (const [what, text, method, target, hostName, version, bodyLength] of accepted) {
  test(`${what} is read, however it is split`, () => {
    const expected = {
      after: text.length,
      method,
      target,
      host: hostName,
      version,
      bodyLength,
    };
    deepEqual(parse(text), expected);
    const bytes = Buffer.from(text, 'latin1');
    const parser = new RequestParser(limits);
    for (let end = 1; end < bytes.length; end += 1) {
      equal(outcome(parser, bytes, end), 'incomplete', `after ${end} bytes`);
    }
    deepEqual(outcome(parser, bytes), expected);
  });
}

const refused = [
  ['five blank lines', `${'\r\n'.repeat(5)}GET / HTTP/1.1\r\n${host}\r\n`, 400],
  ['two spaces', `GET  / HTTP/1.1\r\n${host}\r\n`, 400],
  ['a tab', `GET\t/ HTTP/1.1\r\n${host}\r\n`, 400],
  ['no version', `GET /\r\n${host}\r\n`, 400],
  ['http/1.1', `GET / http/1.1\r\n${host}\r\n`, 400],
  ['HTTP/1.10', `GET / HTTP/1.10\r\n${host}\r\n`, 400],
  ['HTTP/2.0', `GET / HTTP/2.0\r\n${host}\r\n`, 505],
  ['space behind the version', `GET / HTTP/1.1 \r\n${host}\r\n`, 400],
  ['LF alone', `GET / HTTP/1.1\n${host}\r\n`, 400],
  ['LF alone behind a field', `GET / HTTP/1.1\r\nHost: a\n\r\n`, 400],
  ['a long method', `${'A'.repeat(65)} / HTTP/1.1\r\n${host}\r\n`, 501],
  ['DEL in the target', `GET /\x7f HTTP/1.1\r\n${host}\r\n`, 400],
  ['a fragment', `GET /#a HTTP/1.1\r\n${host}\r\n`, 400],
  ['a relative target', `GET a HTTP/1.1\r\n${host}\r\n`, 400],
  ['a space before the first field', `GET / HTTP/1.1\r\n X: y\r\n${host}\r\n`, 400],
  ['a space before the colon', `GET / HTTP/1.1\r\n${host}X : y\r\n\r\n`, 400],
  ['an empty name', `GET / HTTP/1.1\r\n${host}: y\r\n\r\n`, 400],
  ['no colon', `GET / HTTP/1.1\r\n${host}X\r\n\r\n`, 400],
  ['obs-fold', `GET / HTTP/1.1\r\n${host}X: a\r\n b\r\n\r\n`, 400],
  ['NUL', `GET / HTTP/1.1\r\n${host}X: a\0\r\n\r\n`, 400],
  ['CR', `GET / HTTP/1.1\r\n${host}X: a\rb\r\n\r\n`, 400],
  ['DEL', `GET / HTTP/1.1\r\n${host}X: a\x7f\r\n\r\n`, 400],
  [
    'vertical tab around a coding',
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\x0b\r\n\r\n`,
    400,
  ],
  ['0xA0 around a coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \xa0chunked\r\n\r\n`, 400],
  ['a quoted coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: "chunked"\r\n\r\n`, 400],
  ['an empty coding', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: \r\n\r\n`, 400],
  ['an empty list member', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: ,chunked\r\n\r\n`, 400],
  ['chunked twice', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, chunked\r\n\r\n`, 400],
  ['gzip last', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked, gzip\r\n\r\n`, 400],
  ['gzip', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
  ['an empty length', `POST / HTTP/1.1\r\n${host}Content-Length: \r\n\r\n`, 400],
  ['a hexadecimal length', `POST / HTTP/1.1\r\n${host}Content-Length: 0x1\r\n\r\n`, 400],
  ['a length with exponent', `POST / HTTP/1.1\r\n${host}Content-Length: 1e1\r\n\r\n`, 400],
  [
    'a length beyond 2^53',
    `POST / HTTP/1.1\r\n${host}Content-Length: 9007199254740993\r\n\r\n`,
    400,
  ],
  [
    'a length of 17 digits',
    `POST / HTTP/1.1\r\n${host}Content-Length: 00000000000000001\r\n\r\n`,
    400,
  ],
  [
    'TE and CL',
    `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    400,
  ],
  ['TE in 1.0', `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n', 400],
  ['a backslash in Host', 'GET / HTTP/1.1\r\nHost: a\\b\r\n\r\n', 400],
  ['an open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n', 400],
  ['tea', `GET / HTTP/1.1\r\n${host}Expect: tea\r\n\r\n`, 417],
  ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['201 fields', `GET / HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(200)}\r\n`, 431],
  ['a line without end', `GET / HTTP/1.1\r\n${host}X: ${'y'.repeat(65_536)}`, 431],
  ['a target without end', `GET /${'y'.repeat(16_384)}`, 414],
] as const;
for (const [what, text, status] of refused) {
  test(`${what}: ${status}, however it is split`, () => {
    const bytes = Buffer.from(text, 'latin1');
    const parser = new RequestParser(limits);
    equal(parser.parse(bytes, 0, bytes.length), breached);
    equal(statusOf(parser.breach), status);
    // In pieces it may be found out earlier, but not otherwise, and is never taken for good.
    const step = Math.max(1, Math.floor(bytes.length / 200));
    for (let end = 1; end < bytes.length; end += step) {
      const after = parser.parse(bytes, 0, end);
      assert(after === incomplete || (after === breached && statusOf(parser.breach) === status));
    }
  });
}

/** What node's parser makes of the same bytes. */
async function readByNode(bytes: Buffer): Promise<IncomingMessage | undefined> {
  const server = createServer({ insecureHTTPParser: false, maxHeaderSize: 65_536 });
  return await new Promise((resolve) => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    server.on('request', (request) => resolve(request));
    server.on('checkContinue', (request) => resolve(request));
    server.on('upgrade', (request) => resolve(request));
    server.on('clientError', () => resolve(undefined));
    server.emit('connection', socket);
    socket.push(bytes);
    socket.push(null);
    setImmediate(() => setImmediate(() => resolve(undefined)));
  });
}

const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('Content-Length: 5', 'Transfer-Encoding: chunked', 'X: y'),
  },
  fc.constantFrom(
    'Content-Length: 05',
    'Content-Length: 5, 5',
    'Content-Length:\t5',
    'Transfer-Encoding: Chunked',
    'Transfer-Encoding: chunked, chunked',
    'Transfer-Encoding : chunked',
    'Transfer-Encoding: x',
    'Connection: close',
    'Expect: 100-continue',
    ' folded',
  ),
  fc.tuple(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 })).map((pair) => pair.join(': ')),
);

test('what node and we both accept, we frame alike', async () => {
  const heads = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    target: fc.constantFrom('/', '/a?b', '*', 'http://a.test/x', '/%zz'),
    version: fc.constantFrom('1.1', '1.1', '1.0'),
    lines: fc.array(line, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(heads, async ({ method, target, version, lines }) => {
      const text = `${[`${method} ${target} HTTP/${version}`, 'Host: a.test', ...lines].join('\r\n')}\r\n\r\n`;
      const bytes = Buffer.from(text, 'latin1');
      const parser = new RequestParser(limits);
      const after = parser.parse(bytes, 0, bytes.length);
      const theirs = await readByNode(bytes);
      if (after <= 0 || !theirs) return;
      const { headers } = theirs;
      equal(parser.method, theirs.method);
      equal(parser.bodyLength === chunkedBody, headers['transfer-encoding'] !== undefined);
      const length = headers['content-length'];
      if (length !== undefined) equal(parser.bodyLength, Number(length));
    }),
    { numRuns: 500 },
  );
});

test('no bytes make it throw, and whatever it takes it takes in any pieces', () => {
  const parser = new RequestParser(limits);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (noise, at) => {
      const bytes = Buffer.from(
        `GET / HTTP/1.1\r\n${host}X: yyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n\r\n`,
        'latin1',
      );
      bytes.set(noise.subarray(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
      const whole = parser.parse(bytes, 0, bytes.length);
      for (let end = 0; end < bytes.length; end += 1) {
        const after = parser.parse(bytes, 0, end);
        assert(after === incomplete || after === whole || after === breached);
        if (after === breached) equal(whole, breached);
      }
    }),
    { numRuns: 300 },
  );
});
