import type { DeadlineWheel, Output } from '../transport/index.ts';
import {
  defaultWindow,
  frameFlag,
  frameType,
  maxFramePayloadBytes,
  maxWindow,
} from './frames/frame-types.ts';
import type { FrameWriter } from './frames/frame-writer.ts';
import type { Http2Stream } from './stream.ts';

/** The bodies that a connection sends: as its window, those of the streams, and the output let it. */
export class Outbound {
  readonly #writer: FrameWriter;
  readonly #output: Output;
  readonly #wheel: DeadlineWheel;
  readonly #waiting = new Set<Http2Stream>();
  /** Bytes that the peer takes on all streams together. */
  #window = defaultWindow;

  constructor(writer: FrameWriter, output: Output, wheel: DeadlineWheel) {
    this.#writer = writer;
    this.#output = output;
    this.#wheel = wheel;
  }

  /** The peer takes more. False: more than there can be (RFC 9113 §6.9.1). */
  widen(by: number): boolean {
    this.#window += by;
    if (this.#window > maxWindow) return false;
    this.pump();
    return true;
  }

  /** Sends as much as it may; the position behind it. */
  send(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): number {
    if (start === end) {
      if (isEnd) this.#writer.bytes(frameType.data, frameFlag.endStream, stream.id, bytes, 0, 0);
      return end;
    }
    let position = start;
    while (position < end) {
      const sent = this.sendFrame(stream, bytes, position, end, isEnd);
      if (sent === 0) break;
      position += sent;
    }
    return position;
  }

  /** Sends one frame; the bytes that it took. `isEnd`: the last of them ends the stream. */
  sendFrame(
    stream: Http2Stream,
    bytes: Buffer,
    start: number,
    end: number,
    isEnd: boolean,
  ): number {
    if (this.#output.isBehind) return 0;
    const size = Math.min(end - start, stream.sendWindow, this.#window, maxFramePayloadBytes);
    if (size <= 0) return 0;
    stream.sendWindow -= size;
    this.#window -= size;
    stream.lastActivityMs = this.#wheel.nowMs;
    const flags = isEnd && size === end - start ? frameFlag.endStream : 0;
    this.#writer.bytes(frameType.data, flags, stream.id, bytes, start, start + size);
    return size;
  }

  /** Something waits for a window, or for the output. */
  wait(stream: Http2Stream): void {
    this.#waiting.add(stream);
  }

  forget(stream: Http2Stream): void {
    this.#waiting.delete(stream);
  }

  /** Lets waiting streams send by turns, a frame each, until nothing moves any more. */
  pump(): void {
    let hasMoved = true;
    while (hasMoved && this.#waiting.size > 0) {
      hasMoved = false;
      for (const stream of this.#waiting) {
        const moved = stream.hasQueue && stream.pump();
        if (!stream.hasQueue) this.#waiting.delete(stream);
        hasMoved ||= moved;
      }
    }
  }
}
