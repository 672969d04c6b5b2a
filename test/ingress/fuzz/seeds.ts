import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { data, headers, opening, ping, request, rst, windowUpdate } from '../http2/wire-frames.ts';

/** Messages worth keeping: what once broke something, in hex, one a file: `KIND-NAME.hex`. */
export const corpusFolder: string = join(import.meta.dirname, 'corpus');

/** What the bytes are read as. */
export const kinds = ['request', 'response', 'chunks', 'frames'] as const;
export type Kind = (typeof kinds)[number];

const text = (...messages: readonly string[]): readonly Buffer[] =>
  messages.map((one) => Buffer.from(one, 'latin1'));

const written: Readonly<Record<Kind, readonly Buffer[]>> = {
  request: text(
    'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n',
    'POST /a?b HTTP/1.1\r\nHost: app.test:80\r\nContent-Length: 3\r\n\r\nabc',
    'PUT http://app.test/x HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: close, x\r\nX: \xe9\r\n\r\n',
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    'GET / HTTP/1.0\r\nExpect: 100-continue\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n',
  ),
  response: text(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 204\r\nServer: x\r\n\r\n',
    'HTTP/1.0 302 Found\r\nLocation: /\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  ),
  chunks: text(
    '5\r\nhello\r\n0\r\n\r\n',
    'a;name="quoted\\"value"; other\r\n0123456789\r\n0\r\nX: y\r\nZ: w\r\n\r\n',
    '1\r\na\r\n1\r\nb\r\n00000\r\n\r\n',
  ),
  frames: [
    opening,
    Buffer.concat([opening, headers(1, request(), true)]),
    Buffer.concat([opening, headers(1, request({ ':method': 'POST' }), false), data(1, 'x', true)]),
    Buffer.concat([opening, ping(), windowUpdate(0, 5), rst(1, 8)]),
  ],
};

/** What mutations of a kind start from. */
export function seedsOf(kind: Kind): readonly Buffer[] {
  const kept = globSync(`${kind}-*.hex`, { cwd: corpusFolder }).toSorted();
  return [
    ...written[kind],
    ...kept.map((file) =>
      Buffer.from(readFileSync(join(corpusFolder, file), 'latin1').trim(), 'hex'),
    ),
  ];
}
