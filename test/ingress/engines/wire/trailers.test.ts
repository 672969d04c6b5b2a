import { equal, match, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import { createWireEngine } from '../../../../ingress/index.ts';
import { appTable, exchange, ok, RawUpstream, rigWith, startRig } from '../compat/rig.ts';

rigWith(createWireEngine);

const chunks = '3\r\nabc\r\n0\r\n';
const trailers =
  'X-Sum:  1 \r\nContent-Length: 9\r\nAuthorization: x\r\nx_forwarded_for: y\r\n\r\n';

test('trailers reach the endpoint, less those that could mislead', async () => {
  await using upstream = new RawUpstream(({ socket, text }) => {
    if (text().endsWith('0\r\nX-Sum: 1\r\n\r\n')) socket.end(ok('done'));
  });
  await using rig = await startRig(appTable(await upstream.listen()));
  const head =
    'POST / HTTP/1.1\r\nHost: app.test\r\nTE: trailers\r\nTrailer: X-Sum\r\n' +
    'Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
  const answer = await exchange(rig.port, head + chunks + trailers);
  match(answer, /^HTTP\/1.1 200/);
  const sent = upstream.connections[0]?.text() ?? '';
  match(sent, /\r\nTrailer: X-Sum\r\n/);
  match(sent, /\r\nTE: trailers\r\nConnection: TE\r\n/);
});

test('trailers reach the client, however the response is cut', async () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n';
  const whole = head + chunks + trailers;
  for (const cut of [head.length, whole.length - 20, whole.length - 1]) {
    await using upstream = new RawUpstream(({ socket }) => {
      socket.write(whole.slice(0, cut), 'latin1');
      setImmediate(() => socket.end(whole.slice(cut), 'latin1'));
    });
    await using rig = await startRig(appTable(await upstream.listen()));
    const text = await exchange(
      rig.port,
      'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n',
    );
    match(text, /\r\nTrailer: X-Sum\r\n/);
    assert(text.endsWith('0\r\nX-Sum: 1\r\n\r\n'), text);
  }
});

test('a client of HTTP/1.0 gets the data and no trailers', async () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  await using upstream = new RawUpstream(({ socket }) => socket.end(head + chunks + trailers));
  await using rig = await startRig(appTable(await upstream.listen()));
  const text = await exchange(rig.port, 'GET / HTTP/1.0\r\nHost: app.test\r\n\r\n');
  equal(text.slice(text.indexOf('\r\n\r\n') + 4), 'abc');
});
