import type { Output } from '../../transport/index.ts';
import { frameFlag, frameHeaderBytes, frameType } from './frame-types.ts';

/** What leaves in one write at most, and room for a few frames of the largest size. */
const bufferBytes = 65_536;
/** Buffers kept for the next connections that write. */
const maxSpare = 32;
/** Connections with something to send at the end of a turn; more of them send at once. */
const maxWaiting = 64;

/**
 * Lets the frames of many streams leave together: what a turn of the event loop has written for a
 * connection goes out in one write at its end. Buffers are lent, so that a connection that says
 * nothing has none.
 */
export class WriteTurn {
  readonly #waiting: FrameWriter[] = [];
  readonly #spare: Buffer[] = [];
  #isScheduled = false;

  /** For writers alone: a buffer, and a flush at the end of the turn. */
  join(writer: FrameWriter): Buffer {
    if (this.#waiting.length >= maxWaiting) this.flush();
    this.#waiting.push(writer);
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.flush();
      });
    }
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** For writers alone: a buffer is free again. */
  giveBack(buffer: Buffer): void {
    if (this.#spare.length < maxSpare) this.#spare.push(buffer);
  }

  /** Sends what waits. */
  flush(): void {
    for (const writer of this.#waiting.splice(0)) writer.flush();
  }
}

const none = Buffer.alloc(0);

/** Writes the frames of one connection. */
export class FrameWriter {
  readonly #turn: WriteTurn;
  readonly #output: Output;
  #buffer: Buffer = none;
  #length = 0;

  constructor(turn: WriteTurn, output: Output) {
    this.#turn = turn;
    this.#output = output;
  }

  /** As bytes that are no frame: the preface. */
  raw(bytes: Buffer): void {
    this.#need(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** A frame with a payload in pieces of 32 bits: all but DATA and header blocks. */
  words(type: number, flags: number, streamId: number, ...words: readonly number[]): void {
    this.#head(words.length * 4, type, flags, streamId);
    for (const word of words) {
      this.#buffer.writeUInt32BE(word >>> 0, this.#length);
      this.#length += 4;
    }
  }

  /** SETTINGS, of pairs of identifier and value. */
  settings(pairs: readonly (readonly [id: number, value: number])[]): void {
    this.#head(pairs.length * 6, frameType.settings, 0, 0);
    for (const [id, value] of pairs) {
      this.#buffer.writeUInt16BE(id, this.#length);
      this.#buffer.writeUInt32BE(value, this.#length + 2);
      this.#length += 6;
    }
  }

  /** A frame whose payload is bytes from somewhere. */
  bytes(
    type: number,
    flags: number,
    streamId: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): void {
    this.#head(end - start, type, flags, streamId);
    this.#length += bytes.copy(this.#buffer, this.#length, start, end);
  }

  /** A header block, in as many frames as it needs. */
  headers(
    streamId: number,
    block: Buffer,
    length: number,
    endStream: boolean,
    maxPayload: number,
  ): void {
    let start = 0;
    do {
      const end = Math.min(length, start + maxPayload);
      const endHeaders = end === length ? frameFlag.endHeaders : 0;
      const isFirst = start === 0;
      const flags = endHeaders | (isFirst && endStream ? frameFlag.endStream : 0);
      this.bytes(
        isFirst ? frameType.headers : frameType.continuation,
        flags,
        streamId,
        block,
        start,
        end,
      );
      start = end;
    } while (start < length);
  }

  /** Sends what was written. */
  flush(): void {
    const buffer = this.#buffer;
    if (buffer.length === 0) return;
    const length = this.#length;
    this.#buffer = none;
    this.#length = 0;
    this.#output.write(buffer, 0, length);
    this.#turn.giveBack(buffer);
  }

  #head(length: number, type: number, flags: number, streamId: number): void {
    this.#need(frameHeaderBytes + length);
    const buffer = this.#buffer;
    const at = this.#length;
    buffer[at] = length >> 16;
    buffer[at + 1] = (length >> 8) & 0xff;
    buffer[at + 2] = length & 0xff;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    buffer.writeUInt32BE(streamId, at + 5);
    this.#length = at + frameHeaderBytes;
  }

  #need(bytes: number): void {
    if (this.#length + bytes > bufferBytes) {
      this.#output.write(this.#buffer, 0, this.#length);
      this.#length = 0;
    }
    if (this.#buffer.length === 0) this.#buffer = this.#turn.join(this);
  }
}
