import type { Http2Connection } from './connection.ts';
import type { FieldList } from './field-list.ts';
import { defaultWindow } from './frames/frame-types.ts';
import type { HpackEncoder } from './hpack/encoder.ts';
import { encodeLines } from './message/encode-lines.ts';

/** Who takes what comes on a stream. Lists and bytes are valid during the call alone. */
export interface Http2StreamOwner {
  /** A head, a 1xx before it, or trailers. */
  headersReceived(list: FieldList, isEnd: boolean): void;
  /** Part of the body; `consumed` is to be called for as many bytes, now or later. */
  dataReceived(bytes: Buffer, start: number, end: number, isEnd: boolean): void;
  /** The stream is over before its time: `code` of RFC 9113 §7. */
  streamReset(code: number): void;
  /** What was queued has been sent. */
  streamDrained(): void;
}

const nobody: Http2StreamOwner = {
  headersReceived() {},
  dataReceived() {},
  streamReset() {},
  streamDrained() {},
};

/** One stream of a connection, from either side: its two windows and what waits for one of them. */
export class Http2Stream {
  readonly id: number;
  owner: Http2StreamOwner = nobody;
  /** Bytes that the peer takes; negative after it has made its window smaller. */
  sendWindow: number;
  /** Bytes that the peer may still send. */
  receiveWindow: number = defaultWindow;
  /** Received, and not consumed yet. */
  unconsumed = 0;
  isLocalClosed = false;
  isRemoteClosed = false;
  /** Monotonic milliseconds of the last time that something moved. */
  lastActivityMs: number;
  readonly #connection: Http2Connection;
  #queue: Buffer[] | undefined = undefined;
  #queuedBytes = 0;
  /** Consumed, and not told to the peer yet. */
  #toGrant = 0;
  #endsWithQueue = false;
  /** Field lines that follow what is queued; '' for none. */
  #trailers = '';

  constructor(connection: Http2Connection, id: number, sendWindow: number, nowMs: number) {
    this.#connection = connection;
    this.id = id;
    this.sendWindow = sendWindow;
    this.lastActivityMs = nowMs;
  }

  get isClosed(): boolean {
    return this.isLocalClosed && this.isRemoteClosed;
  }

  /** More waits than should: whoever produces it had better pause. */
  get isBehind(): boolean {
    return this.#queuedBytes > 0 || this.#connection.output.isBehind;
  }

  /** Something waits for a window. */
  get hasQueue(): boolean {
    return this.#queuedBytes > 0;
  }

  /** Begins a header section; to be filled at once, and ended with `endHeaders`. */
  beginHeaders(textLength: number): HpackEncoder {
    return this.#connection.beginHeaders(textLength, this.isLocalClosed);
  }

  endHeaders(isEnd: boolean): void {
    if (this.isLocalClosed) return;
    this.#connection.endHeaders(this, isEnd);
    if (isEnd) this.#closeLocal();
  }

  /** Sends part of the body; what no window takes is copied and waits. */
  send(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    if (this.isLocalClosed || this.#endsWithQueue) return;
    const sent = this.hasQueue
      ? start
      : this.#connection.outbound.send(this, bytes, start, end, isEnd);
    if (sent === end && !this.hasQueue) {
      if (isEnd) this.#closeLocal();
      return;
    }
    if (sent < end) {
      this.#queue ??= [];
      this.#queue.push(Buffer.from(bytes.subarray(sent, end)));
      this.#queuedBytes += end - sent;
    }
    this.#endsWithQueue = isEnd;
    this.#connection.outbound.wait(this);
  }

  /** Ends the stream with trailers, field lines as HTTP/1.1 has them, behind the body. */
  sendTrailers(lines: string): void {
    if (this.isLocalClosed || this.#endsWithQueue) return;
    if (this.hasQueue) {
      this.#endsWithQueue = true;
      this.#trailers = lines;
      return;
    }
    encodeLines(this.beginHeaders(lines.length), lines, 0);
    this.endHeaders(true);
  }

  /** Sends one frame of what waits, if the windows let it. True: something moved. */
  pump(): boolean {
    const [first] = this.#queue ?? [];
    if (!first) return false;
    const isLast = this.#queue?.length === 1 && this.#endsWithQueue && this.#trailers === '';
    const sent = this.#connection.outbound.sendFrame(this, first, 0, first.length, isLast);
    if (sent === 0) return false;
    this.#queuedBytes -= sent;
    if (sent < first.length) this.#queue?.splice(0, 1, first.subarray(sent));
    else this.#queue?.shift();
    if (this.#queuedBytes === 0) this.#queueSent();
    return true;
  }

  #queueSent(): void {
    this.#queue = undefined;
    const trailers = this.#trailers;
    if (trailers !== '') {
      this.#trailers = '';
      encodeLines(this.beginHeaders(trailers.length), trailers, 0);
      this.endHeaders(true);
    } else if (this.#endsWithQueue) {
      this.#closeLocal();
    }
    this.owner.streamDrained();
  }

  /** The peer may send as many bytes again. */
  consumed(bytes: number): void {
    // What was left when the stream ended has been given back already.
    if (bytes > this.unconsumed) return;
    this.unconsumed -= bytes;
    this.#toGrant += bytes;
    this.#connection.consumed(bytes);
    if (this.isRemoteClosed || this.#toGrant < defaultWindow / 2) return;
    this.receiveWindow += this.#toGrant;
    this.#connection.grant(this.id, this.#toGrant);
    this.#toGrant = 0;
  }

  /** Ends it at once, in both directions. Its owner hears nothing. */
  reset(code: number): void {
    if (this.isClosed) return;
    this.#connection.resetStream(this, code);
  }

  /** For the connection alone: it is over, and forgets what waits. */
  closed(): void {
    this.isLocalClosed = true;
    this.isRemoteClosed = true;
    this.unconsumed = 0;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    this.#trailers = '';
    this.owner = nobody;
  }

  #closeLocal(): void {
    this.isLocalClosed = true;
    this.#connection.halfClosed(this);
  }
}
