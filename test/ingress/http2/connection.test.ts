import { deepEqual, equal, ok as assert } from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { Http2Connection } from '../../../ingress/http2/connection.ts';
import type { Http2Role } from '../../../ingress/http2/connection-role.ts';
import { FieldList } from '../../../ingress/http2/field-list.ts';
import { WriteTurn } from '../../../ingress/http2/frames/frame-writer.ts';
import type { Http2Stream } from '../../../ingress/http2/stream.ts';
import { DeadlineWheel } from '../../../ingress/transport/index.ts';
import type { TcpStream } from '../../../proxy/planes/userspace/tcp/index.ts';
import { nobody } from '../../../proxy/planes/userspace/tcp/transport.ts';
import { FakeClock } from '../../fakes/clock.ts';
import {
  block,
  data,
  frame,
  FrameLog,
  headers,
  opening,
  ping,
  preface,
  request,
  rst,
  settings,
  windowUpdate,
  words,
} from './wire-frames.ts';

const code = {
  noError: 0,
  protocol: 1,
  flowControl: 3,
  streamClosed: 5,
  frameSize: 6,
  refused: 7,
  compression: 9,
  calm: 11,
} as const;

/** The server's side of a connection, with no socket under it. */
class Bench implements Http2Role {
  readonly isServer = true;
  readonly log = new FrameLog();
  /** What came, as text: `1 HEADERS end`, `1 DATA abc`, `1 reset 8`. */
  readonly events: string[] = [];
  readonly opened: Http2Stream[] = [];
  readonly turn = new WriteTurn();
  readonly http2: Http2Connection;
  readonly clock = new FakeClock();
  readonly wheel = new DeadlineWheel(this.clock);
  isTaking = true;
  brokenWith: number | undefined = undefined;
  #isWriting = false;

  constructor() {
    const tcp: TcpStream = {
      remoteAddress: '127.0.0.1',
      writing: false,
      owner: nobody,
      resume() {},
      pause() {},
      write: (bytes, length) => {
        this.log.add(Buffer.from(bytes.subarray(0, length)));
        return true;
      },
      end() {},
      close() {},
      reset() {},
    };
    Object.defineProperty(tcp, 'writing', { get: () => this.#isWriting });
    const context = {
      wheel: this.wheel,
      turn: this.turn,
      list: new FieldList(100, 16_384),
      limits: { headBytes: 16_384, headerLines: 100 },
    };
    this.http2 = new Http2Connection(context, this, tcp);
    this.http2.start(Buffer.alloc(0), []);
  }

  /** Frames behind the preface, in pieces of `step` bytes. */
  send(bytes: Buffer, step: number = bytes.length): this {
    for (let at = 0; at < bytes.length; at += step) {
      const piece = Buffer.from(bytes.subarray(at, at + step));
      this.http2.received(piece, 0, piece.length);
      // What a reader is given is only lent.
      piece.fill(0xee);
    }
    this.turn.flush();
    return this;
  }

  /** The socket takes nothing more, until it does again. */
  block(isBlocked: boolean): void {
    this.#isWriting = isBlocked;
    if (!isBlocked) this.http2.drained();
    this.turn.flush();
  }

  settingsChanged(): void {}
  streamOpened(stream: Http2Stream): void {
    this.opened.push(stream);
    const { id } = stream;
    stream.owner = {
      headersReceived: (list, isEnd) =>
        this.events.push(`${id} HEADERS ${list.fields.length}${isEnd ? ' end' : ''}`),
      dataReceived: (bytes, start, end, isEnd) => {
        this.events.push(
          `${id} DATA ${bytes.toString('latin1', start, end)}${isEnd ? ' end' : ''}`,
        );
        if (this.isTaking) stream.consumed(end - start);
      },
      streamReset: (reason) => this.events.push(`${id} reset ${reason}`),
      streamDrained: () => this.events.push(`${id} drained`),
    };
  }
  streamClosed(): void {}
  goAwayReceived(last: number): void {
    this.events.push(`GOAWAY ${last}`);
  }
  pingAnswered(): void {
    this.events.push('pong');
  }
  broken(reason: number): void {
    this.brokenWith = reason;
  }
}

const afterPreface = opening.subarray(preface.length);
const get = headers(1, request(), true);
const post = headers(1, request({ ':method': 'POST' }), false);
const empty = Buffer.alloc(0);
const join = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

const exchanges: readonly (readonly [why: string, bytes: Buffer, events: readonly string[]])[] = [
  ['a request without body', get, ['1 HEADERS 4 end']],
  [
    'a body in two frames',
    join([post, data(1, 'abc', false), data(1, 'de', true)]),
    ['1 HEADERS 4', '1 DATA abc', '1 DATA de end'],
  ],
  ['an end in an empty frame', join([post, data(1, '', true)]), ['1 HEADERS 4', '1 DATA  end']],
  [
    'padding is not data',
    join([post, frame(0, 1 | 8, 1, Buffer.from('\x03abc\0\0\0', 'latin1'))]),
    ['1 HEADERS 4', '1 DATA abc end'],
  ],
  [
    'a padded head with a priority',
    frame(
      1,
      1 | 4 | 8 | 0x20,
      1,
      join([Buffer.from([2]), words(0), Buffer.from([9]), block(request()), Buffer.alloc(2)]),
    ),
    ['1 HEADERS 4 end'],
  ],
  [
    'a head in three frames',
    join([
      frame(1, 1, 1, block(request()).subarray(0, 1)),
      frame(9, 0, 1, block(request()).subarray(1, 9)),
      frame(9, 4, 1, block(request()).subarray(9)),
    ]),
    ['1 HEADERS 4 end'],
  ],
  [
    'trailers',
    join([post, data(1, 'a', false), headers(1, [['grpc-status', '0']], true)]),
    ['1 HEADERS 4', '1 DATA a', '1 HEADERS 1 end'],
  ],
  [
    'streams by turns',
    join([post, headers(3, request(), true), data(1, 'x', true)]),
    ['1 HEADERS 4', '3 HEADERS 4 end', '1 DATA x end'],
  ],
  ['a reset', join([post, rst(1, 8)]), ['1 HEADERS 4', '1 reset 8']],
  [
    'PRIORITY and unknown frames mean nothing',
    join([frame(2, 0, 5, Buffer.alloc(5)), frame(0x42, 0xff, 7, Buffer.from('x')), get]),
    ['1 HEADERS 4 end'],
  ],
  [
    'data behind our reset is dropped',
    join([get, rst(1, 8), data(1, 'late', true)]),
    ['1 HEADERS 4 end', '1 reset 8'],
  ],
  ['GOAWAY', frame(7, 0, 0, words(9, 0)), ['GOAWAY 9']],
];

for (const [why, bytes, events] of exchanges) {
  test(`${why}: whole, and split at every byte`, () => {
    const whole = join([afterPreface, bytes]);
    const bench = new Bench().send(whole);
    deepEqual(bench.events, events);
    equal(bench.brokenWith, undefined);
    deepEqual(new Bench().send(whole, 1).events, events);
    for (let at = 1; at < whole.length; at += 1) {
      const split = new Bench().send(whole.subarray(0, at)).send(whole.subarray(at));
      deepEqual(split.events, events);
    }
  });
}

const endings: readonly (readonly [why: string, bytes: Buffer, code: number])[] = [
  ['anything before SETTINGS', ping(), code.protocol],
  ['SETTINGS on a stream', frame(4, 0, 1, empty), code.protocol],
  ['SETTINGS of five bytes', frame(4, 0, 0, Buffer.alloc(5)), code.frameSize],
  [
    'an answer to SETTINGS with content',
    join([settings(), frame(4, 1, 0, Buffer.alloc(6))]),
    code.frameSize,
  ],
  [
    '33 settings in one frame',
    settings(...Array.from({ length: 33 }, () => [9, 0] as const)),
    code.calm,
  ],
  ['ENABLE_PUSH 2', settings([2, 2]), code.protocol],
  ['a window above 2^31-1', settings([4, 0x8000_0000]), code.flowControl],
  ['MAX_FRAME_SIZE below 16384', settings([5, 100]), code.protocol],
  ['ENABLE_CONNECT_PROTOCOL taken back', settings([8, 1], [8, 0]), code.protocol],
  [
    'a frame above 16384 bytes',
    join([settings(), frame(0, 0, 1, Buffer.alloc(16_385))]),
    code.frameSize,
  ],
  ['PING of seven bytes', join([settings(), frame(6, 0, 0, Buffer.alloc(7))]), code.frameSize],
  ['PING on a stream', join([settings(), frame(6, 0, 1, Buffer.alloc(8))]), code.protocol],
  ['RST_STREAM of a stream that nobody opened', join([settings(), rst(1, 0)]), code.protocol],
  [
    'RST_STREAM of three bytes',
    join([settings(), get, frame(3, 0, 1, Buffer.alloc(3))]),
    code.frameSize,
  ],
  ['DATA on stream 0', join([settings(), data(0, 'a', false)]), code.protocol],
  ['DATA on a stream that nobody opened', join([settings(), data(1, 'a', false)]), code.protocol],
  [
    'more padding than frame',
    join([settings(), post, frame(0, 8, 1, Buffer.from([2, 0]))]),
    code.protocol,
  ],
  ['padding without its length', join([settings(), post, frame(0, 8, 1, empty)]), code.protocol],
  ['HEADERS on stream 0', join([settings(), headers(0, request(), true)]), code.protocol],
  ['HEADERS on an even stream', join([settings(), headers(2, request(), true)]), code.protocol],
  ['half a priority', join([settings(), frame(1, 0x24, 1, words(0))]), code.protocol],
  ['PUSH_PROMISE', join([settings(), frame(5, 4, 1, words(2))]), code.protocol],
  ['CONTINUATION of nothing', join([settings(), frame(9, 4, 1, block(request()))]), code.protocol],
  ['another frame within a head', join([settings(), frame(1, 0, 1, empty), ping()]), code.protocol],
  [
    'CONTINUATION of another stream',
    join([settings(), frame(1, 0, 1, empty), frame(9, 4, 3, empty)]),
    code.protocol,
  ],
  [
    'a broken header block',
    join([settings(), frame(1, 5, 1, Buffer.from([0x80]))]),
    code.compression,
  ],
  ['a window that grows by nothing', join([settings(), windowUpdate(0, 0)]), code.protocol],
  ['a window above its limit', join([settings(), windowUpdate(0, 0x7fff_ffff)]), code.flowControl],
  [
    'WINDOW_UPDATE of a stream that nobody opened',
    join([settings(), windowUpdate(5, 1)]),
    code.protocol,
  ],
  [
    'a stream window above its limit, by SETTINGS',
    join([settings(), get, windowUpdate(1, 0x7fff_0000), settings([4, 0x7fff_ffff])]),
    code.flowControl,
  ],
  ['GOAWAY of four bytes', join([settings(), frame(7, 0, 0, words(0))]), code.frameSize],
];

for (const [why, bytes, wanted] of endings) {
  test(`the connection ends: ${why}`, () => {
    for (const step of [bytes.length, 1]) {
      const bench = new Bench().send(bytes, step);
      equal(bench.brokenWith, wanted);
      deepEqual(
        bench.log.of('GOAWAY').map((one) => one.code),
        [wanted],
      );
      // Deaf from here on.
      const before = bench.events.length;
      bench.send(get);
      equal(bench.events.length, before);
    }
  });
}

const streamErrors: readonly (readonly [why: string, bytes: Buffer, code: number])[] = [
  ['DATA behind the end', join([get, data(1, 'a', false)]), code.streamClosed],
  ['HEADERS behind the end', join([get, headers(1, request(), true)]), code.streamClosed],
  ['a window that grows by nothing', join([post, windowUpdate(1, 0)]), code.protocol],
  ['a window above its limit', join([post, windowUpdate(1, 0x7fff_ffff)]), code.flowControl],
];

for (const [why, bytes, wanted] of streamErrors) {
  test(`the stream ends, and no other: ${why}`, () => {
    const bench = new Bench().send(join([afterPreface, bytes, headers(3, request(), true)]));
    deepEqual(
      bench.log.of('RST_STREAM').map((one) => [one.streamId, one.code]),
      [[1, wanted]],
    );
    equal(bench.events.at(-1), '3 HEADERS 4 end');
    equal(bench.brokenWith, undefined);
  });
}

const floods: readonly (readonly [
  why: string,
  first: Buffer,
  each: (n: number) => Buffer,
  most: number,
])[] = [
  [
    'HEADERS and RST_STREAM (CVE-2023-44487)',
    empty,
    (n) => join([headers(2 * n + 1, request(), true), rst(2 * n + 1, 8)]),
    1_001,
  ],
  [
    'resets that the client makes us send (CVE-2025-8671)',
    empty,
    (n) => join([headers(2 * n + 1, request(), false), windowUpdate(2 * n + 1, 0)]),
    1_001,
  ],
  ['CONTINUATION (CVE-2024-27316)', frame(1, 0, 1, empty), () => frame(9, 0, 1, empty), 9],
  ['a head without end', frame(1, 0, 1, empty), () => frame(9, 0, 1, Buffer.alloc(5_000)), 4],
  ['PING', empty, () => ping(), 10_001],
  ['SETTINGS', empty, () => settings([3, 1]), 10_001],
  ['empty DATA', post, () => data(1, '', false), 10_001],
  ['PRIORITY', empty, () => frame(2, 0, 1, Buffer.alloc(5)), 10_001],
];

for (const [why, first, each, most] of floods) {
  test(`a flood of ${why} ends the connection`, () => {
    const bench = new Bench().send(join([afterPreface, first]));
    let sent = 0;
    while (bench.brokenWith === undefined && sent < 20_000) {
      bench.send(each(sent));
      sent += 1;
    }
    equal(bench.brokenWith, code.calm);
    equal(sent, most);
  });
}

test('the same at a pace that honest clients have does not', () => {
  const bench = new Bench().send(afterPreface);
  for (let n = 0; n < 3_000; n += 1) {
    bench.send(join([headers(2 * n + 1, request(), true), rst(2 * n + 1, 8), ping()]));
    bench.wheel.nowMs += 31;
  }
  equal(bench.brokenWith, undefined);
});

test('the hundred and first stream is refused, and may be tried again', () => {
  const bench = new Bench().send(afterPreface);
  for (let n = 0; n <= 100; n += 1) bench.send(headers(2 * n + 1, request(), false));
  deepEqual(
    bench.log.of('RST_STREAM').map((one) => [one.streamId, one.code]),
    [[201, code.refused]],
  );
  equal(bench.opened.length, 100);
});

test('a list that is too long is read to its end, and the next one is understood', () => {
  const many = Array.from({ length: 120 }, (_, index) => [`x-${index}`, 'v'] as const);
  const bench = new Bench().send(
    join([afterPreface, headers(1, request({}, many), true), headers(3, request(), true)]),
  );
  deepEqual(bench.events, ['1 HEADERS 100 end', '3 HEADERS 4 end']);
});

test('a body waits for the windows of stream and connection', () => {
  const bench = new Bench().send(join([afterPreface, settings([4, 10]), get]));
  const [stream] = bench.opened;
  assert(stream);
  const text = Buffer.from('0123456789abcdefghijk');
  stream.beginHeaders(0).field(':status', '200');
  stream.endHeaders(false);
  stream.send(text, 0, text.length, true);
  const sent = (): string => {
    bench.turn.flush();
    return bench.log
      .of('DATA')
      .map((one) => one.payload.toString() + (one.end ? '.' : '|'))
      .join('');
  };
  equal(sent(), '0123456789|');
  equal(stream.isBehind, true);
  bench.send(windowUpdate(1, 1));
  equal(sent(), '0123456789|a|');
  // Smaller than what is out already: the window is negative, and one byte more opens nothing.
  bench.send(settings([4, 5]));
  bench.send(windowUpdate(1, 5));
  equal(sent(), '0123456789|a|');
  bench.send(windowUpdate(1, 100));
  equal(sent(), '0123456789|a|bcdefghijk.');
  equal(bench.http2.streams.size, 0);
});

test('trailers wait for the body before them', () => {
  const bench = new Bench().send(join([afterPreface, settings([4, 3]), get]));
  const [stream] = bench.opened;
  assert(stream);
  stream.beginHeaders(0).field(':status', '200');
  stream.endHeaders(false);
  stream.send(Buffer.from('abcd'), 0, 4, false);
  stream.sendTrailers('Grpc-Status: 0\r\n');
  bench.send(windowUpdate(1, 9));
  const [, trailers] = bench.log.of('HEADERS');
  deepEqual(trailers?.fields, { 'grpc-status': '0' });
  equal(trailers?.end, true);
  equal(
    bench.log
      .of('DATA')
      .map((one) => one.payload.toString())
      .join(),
    'abc,d',
  );
});

test('the window of the connection is shared by turns', () => {
  const bench = new Bench().send(
    join([afterPreface, settings([4, 1_000_000]), get, headers(3, request(), true)]),
  );
  const body = Buffer.alloc(100_000);
  for (const stream of bench.opened) {
    stream.beginHeaders(0).field(':status', '200');
    stream.endHeaders(false);
    stream.send(body, 0, body.length, true);
  }
  const bytesOf = (id: number): number =>
    bench.log.of('DATA', id).reduce((sum, one) => sum + one.payload.length, 0);
  bench.turn.flush();
  equal(bytesOf(1) + bytesOf(3), 65_535);
  bench.send(windowUpdate(0, 65_536));
  assert(Math.abs(bytesOf(3) - 32_768) <= 16_384, `${bytesOf(3)} bytes of the second`);
  bench.send(windowUpdate(0, 1_000_000));
  equal(bytesOf(1) + bytesOf(3), 200_000);
});

test('a client may send as much as is consumed, and no more', () => {
  const bench = new Bench();
  bench.isTaking = false;
  bench.send(join([afterPreface, post]));
  const piece = 'x'.repeat(16_000);
  for (let n = 0; n < 4; n += 1) bench.send(data(1, piece, false));
  equal(bench.log.of('WINDOW_UPDATE', 1).length, 0);
  bench.send(data(1, 'y'.repeat(2_000), false));
  deepEqual(
    bench.log.of('RST_STREAM').map((one) => one.code),
    [code.flowControl],
  );

  const other = new Bench().send(join([afterPreface, post]));
  for (let n = 0; n < 20; n += 1) other.send(data(1, piece, false));
  equal(other.log.of('RST_STREAM').length, 0);
  assert(other.log.of('WINDOW_UPDATE', 1).length > 3);
});

test('streams that nobody consumes do not take the connection from the others', () => {
  const bench = new Bench();
  bench.isTaking = false;
  bench.send(afterPreface);
  // Fifteen windows that stay full, each ended by a reset: the bytes come back.
  for (let n = 0; n < 60; n += 1) {
    const id = 2 * n + 1;
    bench.send(headers(id, request({ ':method': 'POST' }), false));
    for (let part = 0; part < 4; part += 1) bench.send(data(id, 'x'.repeat(16_000), false));
    bench.send(rst(id, 8));
  }
  equal(bench.brokenWith, undefined);
  assert(bench.log.of('WINDOW_UPDATE', 0).length > 3);
});

test('what a slow socket does not take waits in bounds', () => {
  const bench = new Bench().send(
    join([afterPreface, settings([4, 0x7fff_ffff]), windowUpdate(0, 0x7000_0000), get]),
  );
  const [stream] = bench.opened;
  assert(stream);
  stream.beginHeaders(0).field(':status', '200');
  stream.endHeaders(false);
  bench.turn.flush();
  bench.block(true);
  const body = Buffer.alloc(1_000_000);
  stream.send(body, 0, body.length, true);
  equal(stream.isBehind, true);
  bench.block(false);
  const bytes = bench.log.of('DATA').reduce((sum, one) => sum + one.payload.length, 0);
  equal(bytes, 1_000_000);
  equal(bench.events.at(-1), '1 HEADERS 4 end');
});

test('the last GOAWAY names the last stream, and later ones are left unanswered', () => {
  const bench = new Bench().send(join([afterPreface, get]));
  bench.http2.goAway(0, false);
  bench.send(headers(3, request(), true));
  bench.http2.goAway(0, true);
  bench.send(headers(5, request(), true));
  deepEqual(
    bench.log.of('GOAWAY').map((one) => one.payload.readUInt32BE(0)),
    [0x7fff_ffff, 3],
  );
  deepEqual(bench.events, ['1 HEADERS 4 end', '3 HEADERS 4 end']);
});

test('a head for a stream that is over leaves the table of the others as it is', () => {
  const bench = new Bench().send(join([afterPreface, get, headers(3, request(), true)]));
  const [lost, other] = bench.opened;
  assert(lost && other);
  bench.send(rst(1, 8));
  for (const [stream, value] of [
    [lost, 'unheard'],
    [other, 'heard'],
  ] as const) {
    const encoder = stream.beginHeaders(100);
    encoder.field(':status', '200');
    encoder.field('x-first', value);
    encoder.field('x-second', value);
    encoder.field('x-first', value);
    stream.endHeaders(true);
  }
  bench.turn.flush();
  deepEqual(
    bench.log
      .of('HEADERS')
      .map((one) => [one.streamId, one.fields['x-first'], one.fields['x-second']]),
    [[3, 'heard', 'heard']],
  );
});

const someFrame = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom(0, 1, 9)),
    fc.integer({ min: 0, max: 255 }),
    fc.oneof(fc.constantFrom(0, 1, 3, 5), fc.integer({ min: 0, max: 0x7fff_ffff })),
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(block(request()), words(1), words(0), Buffer.alloc(8), empty),
    ),
  )
  .map(([type, flags, id, payload]) => frame(type, flags, id, payload));

test('whatever frames come, and however they are cut: no exception, and the same outcome', () => {
  fc.assert(
    fc.property(
      fc.array(someFrame, { maxLength: 25 }),
      fc.integer({ min: 1, max: 30 }),
      (frames, step) => {
        const bytes = join([afterPreface, ...frames]);
        const whole = new Bench().send(bytes);
        const cut = new Bench().send(bytes, step);
        deepEqual(cut.events, whole.events);
        equal(cut.brokenWith, whole.brokenWith);
        assert(whole.http2.streams.size <= 100);
      },
    ),
    { numRuns: 300 },
  );
});
