import type { TcpStream } from '../../proxy/planes/userspace/tcp/index.ts';
import { Output } from '../transport/index.ts';
import { Budget } from './budget.ts';
import type { Http2Context, Http2Role } from './connection-role.ts';
import { FrameReader, type FrameSink } from './frames/frame-reader.ts';
import {
  defaultWindow,
  errorCode,
  frameFlag,
  frameType,
  maxFramePayloadBytes,
  maxWindow,
  readUint32,
  settingId,
} from './frames/frame-types.ts';
import { FrameWriter } from './frames/frame-writer.ts';
import { HeaderBlock } from './header-block.ts';
import { HpackDecoder } from './hpack/decoder.ts';
import { HpackEncoder } from './hpack/encoder.ts';
import { Outbound } from './outbound.ts';
import { PeerSettings } from './peer-settings.ts';
import { Http2Stream } from './stream.ts';

/** Streams that the peer may have open at a time. */
export const maxPeerStreams = 100;
/** Of the connection: sixteen streams' worth may wait for slow endpoints. */
const connectionWindow = 1_048_576;
/** Resets by the peer, and by us for its errors: the defaults of nghttp2 (CVE-2023-44487). */
const resetBurst = 1_000;
const resetsPerSecond = 33;
/** Everything else that means nothing and costs time, as nghttp2 counts it from 1.67 on. */
const oddityBurst = 10_000;
const odditiesPerSecond = 330;
/** For what comes after the end of its stream. */
const unheard = new HpackEncoder();
/** Header sections are composed here: the largest that can be, whatever its lines. */
let block = Buffer.allocUnsafeSlow(65_536);

/**
 * One HTTP/2 connection (RFC 9113): frames, streams, both levels of flow control, and the budgets
 * that end it when a peer makes work instead of requests. It neither closes its TCP stream nor
 * sets deadlines: that is for the role, the server's or the client's.
 */
export class Http2Connection implements FrameSink {
  readonly output: Output;
  readonly peer: PeerSettings = new PeerSettings();
  readonly streams: Map<number, Http2Stream> = new Map();
  readonly #context: Http2Context;
  readonly #role: Http2Role;
  readonly #writer: FrameWriter;
  readonly #reader = new FrameReader();
  readonly #decoder = new HpackDecoder();
  readonly #encoder = new HpackEncoder();
  readonly #block: HeaderBlock;
  readonly #resets: Budget;
  readonly #oddities: Budget;
  readonly #outbound: Outbound;
  #isStarted = false;
  #isOver = false;
  #lastPeerId = 0;
  #lastOwnId = -1;
  #receiveWindow = connectionWindow;
  #toGrant = 0;
  /** Streams of the peer above it are ignored: it knows that they are. */
  #lastTakenId = maxWindow;
  #unansweredSettings = 0;

  constructor(context: Http2Context, role: Http2Role, stream: TcpStream) {
    this.#context = context;
    this.#role = role;
    this.output = new Output(stream);
    this.#writer = new FrameWriter(context.turn, this.output);
    this.#outbound = new Outbound(this.#writer, this.output, context.wheel);
    this.#block = new HeaderBlock(context.limits.headBytes);
    this.#resets = new Budget(context.wheel, resetBurst, resetsPerSecond);
    this.#oddities = new Budget(context.wheel, oddityBurst, odditiesPerSecond);
  }

  /** The peer has said its SETTINGS, and answered ours. */
  get isSettled(): boolean {
    return this.#isStarted && this.#unansweredSettings === 0;
  }

  /** The peer has said its SETTINGS: how many streams it takes is known. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** The stream whose header block has begun and not ended; 0: none. */
  get openBlock(): number {
    return this.#block.streamId;
  }

  /** Identifiers for own streams are used up, or nearly. */
  get isSpent(): boolean {
    return this.#lastOwnId > maxWindow - 4;
  }

  /** Says what we want, behind `preface`. */
  start(preface: Buffer, settings: readonly (readonly [id: number, value: number])[]): void {
    if (preface.length > 0) this.#writer.raw(preface);
    this.#writer.settings([
      ...settings,
      [settingId.maxHeaderListSize, this.#context.limits.headBytes],
    ]);
    this.#unansweredSettings += 1;
    this.grant(0, connectionWindow - defaultWindow);
  }

  received(bytes: Buffer, start: number, end: number): void {
    if (!this.#isOver) this.#reader.read(bytes, start, end, this);
  }

  /** The TCP stream takes bytes again. */
  drained(): void {
    const wasBehind = this.output.isBehind;
    this.output.drained();
    this.#outbound.pump();
    if (!wasBehind || this.output.isBehind) return;
    for (const stream of this.streams.values()) {
      if (!stream.isBehind) stream.owner.streamDrained();
    }
  }

  /** Opens a stream of our own. */
  open(): Http2Stream {
    this.#lastOwnId += 2;
    return this.#add(this.#lastOwnId);
  }

  ping(): void {
    this.#writer.words(frameType.ping, 0, 0, 0, 0);
  }

  /** Says that no stream is taken any more; `isFinal`: not even those under way already. */
  goAway(code: number, isFinal: boolean): void {
    if (isFinal) this.#lastTakenId = this.#lastPeerId;
    const last = isFinal ? this.#lastPeerId : maxWindow;
    this.#writer.words(frameType.goAway, 0, 0, last, code);
  }

  /** Sends what was written in this turn now. */
  flush(): void {
    this.#writer.flush();
  }

  /** The connection is gone: tells every stream, and nobody else. */
  lost(): void {
    this.#isOver = true;
    this.#abandonAll(errorCode.cancel);
  }

  /** Ends everything with GOAWAY. */
  broken(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.goAway(code, true);
    this.#writer.flush();
    this.#abandonAll(code);
    this.#role.broken(code);
  }

  /** Something that means nothing and costs time; false: there was too much of it. */
  odd(): boolean {
    return this.#oddities.spend() || this.#fail(errorCode.enhanceYourCalm);
  }

  frame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): boolean {
    const isContinued = this.#block.streamId !== 0;
    const fits = isContinued
      ? type === frameType.continuation && streamId === this.#block.streamId
      : type !== frameType.continuation && (this.#isStarted || type === frameType.settings);
    if (!fits) return this.#fail(errorCode.protocolError);
    switch (type) {
      case frameType.data:
        return this.#data(flags, streamId, bytes, start, end);
      case frameType.headers:
        return this.#headers(flags, streamId, bytes, start, end);
      case frameType.continuation:
        return this.#blockGrew(this.#block.add(bytes, start, end), flags);
      case frameType.rstStream:
        return this.#rstStream(streamId, readUint32(bytes, start));
      case frameType.settings:
        return this.#settings(flags, bytes, start, end);
      case frameType.pushPromise:
        // Clients have none to make, and we never let a server make any.
        return this.#fail(errorCode.protocolError);
      case frameType.ping:
        return this.#ping(flags, bytes, start, end);
      case frameType.goAway:
        this.#role.goAwayReceived(readUint32(bytes, start) & maxWindow);
        return !this.#isOver;
      case frameType.windowUpdate:
        return this.#windowUpdate(streamId, readUint32(bytes, start) & maxWindow);
      default:
        // PRIORITY, which RFC 9113 has given up, and what we do not know.
        return this.odd();
    }
  }

  /**
   * For streams: begins a header section of text of that length. `isLost`: it will not be sent, so
   * the table that the peer follows must not hear of it.
   */
  beginHeaders(textLength: number, isLost: boolean): HpackEncoder {
    // The shortest line has five characters, and takes up to eighteen bytes beside its text.
    const room = textLength * 5 + 256;
    if (block.length < room) block = Buffer.allocUnsafeSlow(room);
    const encoder = isLost ? unheard : this.#encoder;
    encoder.begin(block);
    return encoder;
  }

  endHeaders(stream: Http2Stream, isEnd: boolean): void {
    stream.lastActivityMs = this.#context.wheel.nowMs;
    this.#writer.headers(stream.id, block, this.#encoder.end(), isEnd, maxFramePayloadBytes);
  }

  /** For streams: the way that bodies go out. */
  get outbound(): Outbound {
    return this.#outbound;
  }

  /** For streams: bytes have been passed on. */
  consumed(bytes: number): void {
    this.#toGrant += bytes;
    if (this.#isOver || this.#toGrant < connectionWindow / 2) return;
    this.#receiveWindow += this.#toGrant;
    this.grant(0, this.#toGrant);
    this.#toGrant = 0;
  }

  /** Lets the peer send more, on a stream or, with 0, on all of them together. */
  grant(streamId: number, bytes: number): void {
    if (!this.#isOver) this.#writer.words(frameType.windowUpdate, 0, streamId, bytes);
  }

  /** For streams: nothing more goes out on it. */
  halfClosed(stream: Http2Stream): void {
    if (stream.isClosed) this.#remove(stream);
  }

  resetStream(stream: Http2Stream, code: number): void {
    if (!this.#isOver) this.#writer.words(frameType.rstStream, 0, stream.id, code);
    this.#remove(stream);
  }

  #data(flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const length = end - start;
    if (length > this.#receiveWindow) return this.#fail(errorCode.flowControlError);
    this.#receiveWindow -= length;
    const padding = paddingOf(flags, bytes, start, end);
    if (padding < 0) return this.#fail(errorCode.protocolError);
    const stream = this.streams.get(streamId);
    if (!stream) {
      // On its way when we ended the stream; not so if nobody ever opened it.
      if (this.#isIdle(streamId)) return this.#fail(errorCode.protocolError);
      this.consumed(length);
      return this.odd();
    }
    stream.unconsumed += length;
    if (stream.isRemoteClosed) return this.#streamError(stream, errorCode.streamClosed);
    if (length > stream.receiveWindow) return this.#streamError(stream, errorCode.flowControlError);
    stream.receiveWindow -= length;
    stream.lastActivityMs = this.#context.wheel.nowMs;
    const isEnd = (flags & frameFlag.endStream) !== 0;
    const padded = flags & frameFlag.padded ? padding + 1 : 0;
    if (padded > 0) stream.consumed(padded);
    if (length === padded && !isEnd) return this.odd();
    const from = padded > 0 ? start + 1 : start;
    this.#peerEnds(stream, isEnd);
    stream.owner.dataReceived(bytes, from, end - padding, isEnd);
    if (stream.isClosed) this.#remove(stream);
    return !this.#isOver;
  }

  #headers(flags: number, streamId: number, bytes: Buffer, start: number, end: number): boolean {
    const padding = paddingOf(flags, bytes, start, end);
    if (padding < 0) return this.#fail(errorCode.protocolError);
    const from = start + (flags & frameFlag.padded ? 1 : 0) + (flags & frameFlag.priority ? 5 : 0);
    if (from > end - padding) return this.#fail(errorCode.protocolError);
    const isEnd = (flags & frameFlag.endStream) !== 0;
    // Nearly always the block is whole, and need not be copied.
    if ((flags & frameFlag.endHeaders) !== 0) {
      return this.#blockDone(streamId, isEnd, bytes, from, end - padding);
    }
    return this.#blockGrew(this.#block.begin(streamId, isEnd, bytes, from, end - padding), flags);
  }

  #blockGrew(fault: number, flags: number): boolean {
    if (fault !== errorCode.noError) return this.#fail(fault);
    if ((flags & frameFlag.endHeaders) === 0) return true;
    const { streamId, endStream } = this.#block;
    const bytes = this.#block.take();
    return this.#blockDone(streamId, endStream, bytes, 0, bytes.length);
  }

  #blockDone(id: number, isEnd: boolean, bytes: Buffer, start: number, end: number): boolean {
    const { list } = this.#context;
    list.clear();
    if (!this.#decoder.decode(bytes, start, end, list)) {
      return this.#fail(errorCode.compressionError);
    }
    const stream = this.streams.get(id) ?? this.#opened(id);
    if (!stream) return !this.#isOver && this.odd();
    if (stream.isRemoteClosed) return this.#streamError(stream, errorCode.streamClosed);
    stream.lastActivityMs = this.#context.wheel.nowMs;
    this.#peerEnds(stream, isEnd);
    stream.owner.headersReceived(list, isEnd);
    if (stream.isClosed) this.#remove(stream);
    return !this.#isOver;
  }

  /** The stream that HEADERS open; undefined: none, or none that we take. */
  #opened(id: number): Http2Stream | undefined {
    if (!this.#isIdle(id)) return undefined;
    const isPeers = id % 2 === (this.#role.isServer ? 1 : 0);
    if (!this.#role.isServer || !isPeers) {
      this.#fail(errorCode.protocolError);
      return undefined;
    }
    this.#lastPeerId = id;
    if (id > this.#lastTakenId) return undefined;
    if (this.streams.size >= maxPeerStreams) {
      this.#writer.words(frameType.rstStream, 0, id, errorCode.refusedStream);
      this.#countReset();
      return undefined;
    }
    const stream = this.#add(id);
    this.#role.streamOpened(stream);
    return stream;
  }

  #rstStream(streamId: number, code: number): boolean {
    const stream = this.streams.get(streamId);
    if (!stream) return this.#isIdle(streamId) ? this.#fail(errorCode.protocolError) : this.odd();
    this.#abandon(stream, code);
    return this.#countReset();
  }

  #settings(flags: number, bytes: Buffer, start: number, end: number): boolean {
    if ((flags & frameFlag.ack) !== 0) {
      if (start !== end) return this.#fail(errorCode.frameSizeError);
      if (this.#unansweredSettings === 0) return this.odd();
      this.#unansweredSettings -= 1;
      this.#role.settingsChanged();
      return !this.#isOver;
    }
    const before = this.peer.window;
    const fault = this.peer.apply(bytes, start, end);
    if (fault !== errorCode.noError) return this.#fail(fault);
    const isFirst = !this.#isStarted;
    this.#isStarted = true;
    this.#encoder.allowTable(this.peer.tableBytes);
    if (!this.#resizeWindows(this.peer.window - before)) {
      return this.#fail(errorCode.flowControlError);
    }
    this.#writer.words(frameType.settings, frameFlag.ack, 0);
    this.#role.settingsChanged();
    this.#outbound.pump();
    return isFirst ? !this.#isOver : this.odd();
  }

  /** RFC 9113 §6.9.2: windows of open streams change too, and may become negative. */
  #resizeWindows(by: number): boolean {
    if (by === 0) return true;
    for (const stream of this.streams.values()) {
      stream.sendWindow += by;
      if (stream.sendWindow > maxWindow) return false;
    }
    return true;
  }

  #ping(flags: number, bytes: Buffer, start: number, end: number): boolean {
    if ((flags & frameFlag.ack) !== 0) {
      this.#role.pingAnswered();
      return !this.#isOver && this.odd();
    }
    this.#writer.bytes(frameType.ping, frameFlag.ack, 0, bytes, start, end);
    return this.odd();
  }

  #windowUpdate(streamId: number, by: number): boolean {
    if (streamId === 0) {
      if (by === 0) return this.#fail(errorCode.protocolError);
      if (!this.#outbound.widen(by)) return this.#fail(errorCode.flowControlError);
      return !this.#isOver;
    }
    const stream = this.streams.get(streamId);
    if (!stream) return this.#isIdle(streamId) ? this.#fail(errorCode.protocolError) : true;
    if (by === 0) return this.#streamError(stream, errorCode.protocolError);
    stream.sendWindow += by;
    if (stream.sendWindow > maxWindow) {
      return this.#streamError(stream, errorCode.flowControlError);
    }
    if (stream.hasQueue) this.#outbound.pump();
    return !this.#isOver;
  }

  #peerEnds(stream: Http2Stream, isEnd: boolean): void {
    if (isEnd) stream.isRemoteClosed = true;
  }

  /** Nobody has ever opened it. */
  #isIdle(id: number): boolean {
    const isOwn = id % 2 === (this.#role.isServer ? 0 : 1);
    return id > (isOwn ? this.#lastOwnId : this.#lastPeerId);
  }

  #add(id: number): Http2Stream {
    const stream = new Http2Stream(this, id, this.peer.window, this.#context.wheel.nowMs);
    this.streams.set(id, stream);
    return stream;
  }

  #remove(stream: Http2Stream): void {
    if (!this.streams.delete(stream.id)) return;
    this.#outbound.forget(stream);
    // What its owner never took counts against all other streams.
    if (stream.unconsumed > 0) this.consumed(stream.unconsumed);
    stream.closed();
    this.#role.streamClosed(stream);
  }

  /** Ends it as the peer wants it, or as the end of the connection does. */
  #abandon(stream: Http2Stream, code: number): void {
    if (!this.streams.has(stream.id)) return;
    const { owner } = stream;
    this.#remove(stream);
    owner.streamReset(code);
  }

  #abandonAll(code: number): void {
    for (const stream of this.streams.values()) this.#abandon(stream, code);
  }

  /** RFC 9113 §5.4.2. Costs the peer as much as a reset of its own (CVE-2025-8671). */
  #streamError(stream: Http2Stream, code: number): boolean {
    this.#writer.words(frameType.rstStream, 0, stream.id, code);
    this.#abandon(stream, code);
    return this.#countReset();
  }

  /** For roles: a stream was reset for what the peer did; false: too often. */
  countReset(): boolean {
    return this.#countReset();
  }

  #countReset(): boolean {
    if (this.#isOver) return false;
    return this.#resets.spend() || this.#fail(errorCode.enhanceYourCalm);
  }

  #fail(code: number): false {
    this.broken(code);
    return false;
  }
}

/** Bytes of padding; -1 where there is more of it than of the frame. */
function paddingOf(flags: number, bytes: Buffer, start: number, end: number): number {
  if ((flags & frameFlag.padded) === 0) return 0;
  const padding = bytes[start] ?? 0;
  return start === end || padding + 1 > end - start ? -1 : padding;
}
