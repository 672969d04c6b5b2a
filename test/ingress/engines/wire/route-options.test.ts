import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  createWireEngine,
  type RetryOptions,
  type RouteOptions,
} from '../../../../ingress/index.ts';
import { exchange, get, ok, parse, RawUpstream, rigWith, startRig } from '../compat/rig.ts';
import { host, pool, route, table, toPool } from '../compat/table.ts';

rigWith(createWireEngine);

/** A route with these options, to two endpoints of which the first asked answers `first`. */
async function ask(
  options: RouteOptions,
  first: string,
  request: string,
): Promise<{ readonly status: number; readonly asked: number }> {
  let asked = 0;
  const answer = ({
    socket,
    text,
  }: Parameters<ConstructorParameters<typeof RawUpstream>[0] & {}>[0]): void => {
    if (!text().includes('\r\n\r\n')) return;
    asked += 1;
    socket.end(asked === 1 ? first : ok('second'), 'latin1');
  };
  await using one = new RawUpstream(answer);
  await using other = new RawUpstream(answer);
  const endpoints = [await one.listen(), await other.listen()];
  const routes = [route('/', toPool('app'), { options })];
  await using rig = await startRig(table([host('app.test', routes)], [pool('app', endpoints)]));
  const { status } = parse(await exchange(rig.port, request));
  return { status, asked };
}

const busy = 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy';
const closing = get('/', 'Connection: close');
const post = closing.replace('GET', 'POST');

const retries: readonly (readonly [string, RetryOptions, string, string, number, number])[] = [
  ['a status is a response by default', {}, busy, closing, 503, 1],
  ['a status that counts as a failure', { on: ['status-503'] }, busy, closing, 200, 2],
  ['another one does not', { on: ['status-500'] }, busy, closing, 503, 1],
  ['one attempt is one', { on: ['status-503'], attempts: 1 }, busy, closing, 503, 1],
  ['POST is not repeated', { on: ['status-503'] }, busy, post, 503, 1],
  [
    'unless it may be',
    { on: ['status-503'], nonIdempotent: true },
    busy,
    post.replace('\r\n\r\n', '\r\n\r\n'),
    200,
    2,
  ],
  ['a broken connection', {}, 'HTTP/1.1 200', closing, 200, 2],
  ['unless it is not asked for', { on: ['timeout'] }, 'HTTP/1.1 200', closing, 502, 1],
  ['garbage is an answer', {}, 'garbage\r\n\r\n', closing, 502, 1],
  ['unless asked for', { on: ['invalid-response'] }, 'garbage\r\n\r\n', closing, 200, 2],
  ['no time left', { on: ['status-503'], withinMs: 0 }, busy, closing, 503, 1],
];
for (const [what, retry, first, request, status, asked] of retries) {
  test(`retry: ${what}`, async () => {
    deepEqual(await ask({ retry }, first, request), { status, asked });
  });
}

const sizes = [
  ['within', 4, 200],
  ['above', 5, 413],
] as const;
for (const [what, length, status] of sizes) {
  for (const framing of ['length', 'chunks'] as const) {
    test(`bodyBytes: ${what}, ${framing}`, async () => {
      const body = 'x'.repeat(length);
      const request = `${post.slice(0, -2)}${
        framing === 'length'
          ? `Content-Length: ${length}\r\n\r\n${body}`
          : `Transfer-Encoding: chunked\r\n\r\n${length}\r\n${body}\r\n0\r\n\r\n`
      }`;
      equal((await ask({ bodyBytes: 4 }, ok('done'), request)).status, status);
    });
  }
}
