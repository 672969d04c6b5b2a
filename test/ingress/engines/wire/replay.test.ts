import { equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { createWireEngine, type RetryOptions } from '../../../../ingress/index.ts';
import { exchange, ok, parse, RawUpstream, rigWith, startRig } from '../compat/rig.ts';
import { host, pool, route, table, toPool } from '../compat/table.ts';

rigWith(createWireEngine);

const head = 'Host: app.test\r\nConnection: close\r\n';

const cases: readonly (readonly [string, RetryOptions, string, string, number])[] = [
  ['a short body', {}, `PUT / HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\n`, 'hello', 200],
  [
    'chunks',
    {},
    `PUT / HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`,
    '2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n',
    200,
  ],
  [
    'more than is kept',
    { bodyBytes: 4 },
    `PUT / HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\n`,
    'hello',
    502,
  ],
  ['POST', {}, `POST / HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\n`, 'hello', 502],
  [
    'POST that may be repeated',
    { nonIdempotent: true },
    `POST / HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\n`,
    'hello',
    200,
  ],
];
for (const [what, retry, requestHead, body, status] of cases) {
  test(`a request sent again with its body: ${what}`, async () => {
    let asked = 0;
    const texts: string[] = [];
    const answer: ConstructorParameters<typeof RawUpstream>[0] = ({ socket, text }) => {
      if (!/hello|llo\r\n0\r\n[^]*\r\n\r\n$/.test(text())) return;
      asked += 1;
      texts.push(text());
      if (asked === 1) socket.resetAndDestroy();
      else socket.end(ok('second'));
    };
    await using one = new RawUpstream(answer);
    await using other = new RawUpstream(answer);
    const endpoints = [await one.listen(), await other.listen()];
    const routes = [route('/', toPool('app'), { options: { retry } })];
    await using rig = await startRig(table([host('app.test', routes)], [pool('app', endpoints)]));
    equal(parse(await exchange(rig.port, requestHead, body)).status, status);
    equal(asked, status === 200 ? 2 : 1);
    if (what === 'chunks') match(texts[1] ?? '', /\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });
}

test('retries are a share of the requests', async () => {
  await using broken = new RawUpstream(({ socket }) => socket.resetAndDestroy());
  await using other = new RawUpstream(({ socket }) => socket.resetAndDestroy());
  const endpoints = [await broken.listen(), await other.listen()];
  const routes = [route('/', toPool('app'))];
  await using rig = await startRig(table([host('app.test', routes)], [pool('app', endpoints)]));
  for (let turn = 0; turn < 40; turn += 1) {
    await exchange(rig.port, `GET / HTTP/1.1\r\n${head}\r\n`);
  }
  // Ten are free, each request adds a fifth of one; the last share is not whole yet.
  equal(broken.connections.length + other.connections.length, 40 + 17);
});
