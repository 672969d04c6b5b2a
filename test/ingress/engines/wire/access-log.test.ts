import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../../../controller/base/index.ts';
import { createWireEngine, type EngineOptions } from '../../../../ingress/index.ts';
import { accessLogLine } from '../../../../ingress/engines/wire/access-log-text.ts';
import { AccessLogWriter } from '../../../../ingress/engines/wire/access-log-writer.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { appTable, exchange, get, ok, RawUpstream, rigWith, startRig } from '../compat/rig.ts';

rigWith(createWireEngine);

const record = {
  requestId: 'abc',
  client: '192.0.2.1',
  method: 'GET',
  scheme: 'http',
  host: 'app.test',
  path: '/x',
  version: '1.1',
  status: 200,
  seconds: 0.0123,
  userAgent: 'curl/8',
  referer: undefined,
  receivedBytes: 5,
  sentBytes: 42,
  match: undefined,
  endpoint: undefined,
  tries: 0,
  reason: '',
  detail: '',
} as const;
const start = '192.0.2.1 - - [01/Jan/2026:00:00:07 +0000] ';
const wallMs = Date.UTC(2026, 0, 1, 0, 0, 7);

test('combined', () => {
  equal(
    accessLogLine('combined', record, wallMs),
    `${start}"GET /x HTTP/1.1" 200 42 "-" "curl/8"\n`,
  );
});

test('upstreaminfo, with an endpoint and without', () => {
  const head = `${start}"GET /x HTTP/1.1" 200 42 "-" "curl/8" 5 0.012`;
  equal(accessLogLine('upstreaminfo', record, wallMs), `${head} [] [] - - - - abc\n`);
  const backend = { kind: 'pool', pool: 'default/web:80' } as const;
  const host = { host: '', routes: [], defaultBackend: undefined, certificate: undefined };
  const told = {
    ...record,
    endpoint: '10.0.0.1:80',
    match: { host: { ...host, tls: false, httpsRedirect: false }, route: undefined, backend },
  };
  equal(
    accessLogLine('upstreaminfo', told, wallMs),
    `${head} [default-web-80] [] 10.0.0.1:80 42 0.012 200 abc\n`,
  );
});

test('nothing that a client sends ends its quotes or its line', () => {
  const line = accessLogLine('combined', { ...record, userAgent: 'a" \\ \n\xe9' }, wallMs);
  match(line, /"a\\x22 \\x5C \\x0A\\xE9"\n$/);
});

test('lines leave together, and are dropped when nobody takes them', async () => {
  const clock = new FakeClock();
  const written: { readonly text: string; readonly done: () => void }[] = [];
  let dropped = 0;
  const sink = (text: string, done: () => void): void => void written.push({ text, done });
  const writer = new AccessLogWriter(sink, clock, {
    inc() {
      dropped += 1;
    },
  });
  writer.write('a\n');
  writer.write('b\n');
  equal(written.length, 0);
  clock.advance(100);
  deepEqual(
    written.map(({ text }) => text),
    ['a\nb\n'],
  );
  const long = `${'x'.repeat(99_999)}\n`;
  for (let line = 0; line < 12; line += 1) writer.write(long);
  equal(written.length, 1);
  equal(dropped, 2);
  written[0]?.done();
  equal(written[1]?.text.length, 1_000_000);
  writer.write('last\n');
  const ended = writer[Symbol.asyncDispose]();
  written[1]?.done();
  written[2]?.done();
  await ended;
  equal(written[2]?.text, 'last\n');
});

test('a sample of the requests, and every one that failed', async () => {
  await using upstream = new RawUpstream(({ socket }) => socket.end(ok('done')));
  const lines: string[] = [];
  const options: Partial<EngineOptions> = {
    log: silentLog,
    accessLogFormat: 'combined',
    accessLogSample: 0.5,
    accessLogSink: (text, done) => {
      lines.push(...text.split('\n').slice(0, -1));
      done();
    },
  };
  {
    await using rig = await startRig(appTable(await upstream.listen()), options);
    for (let turn = 0; turn < 20; turn += 1) {
      await exchange(rig.port, get('/ok?secret', 'Referer: http://a.test/', 'Connection: close'));
    }
  }
  equal(lines.length > 2 && lines.length < 18, true);
  match(lines[0] ?? '', /"GET \/ok HTTP\/1.1" 200 4 "http:\/\/a.test\/" "-"$/);
  lines.length = 0;
  {
    await using rig = await startRig(appTable(), options);
    for (let turn = 0; turn < 5; turn += 1) {
      await exchange(rig.port, get('/gone', 'Connection: close'));
    }
  }
  equal(lines.filter((line) => line.includes(' 503 ')).length, 5);
});
