import type { TcpStream } from '../../proxy/planes/userspace/tcp/index.ts';

/** What a stream takes in one write. */
const maxWriteBytes = 65_536;
/** Bytes waiting, above which whoever produces them had better pause. */
const highWaterBytes = 65_536;

/**
 * The sending side of a stream, with a queue behind it: a stream takes nothing while it still
 * writes. Who writes looks at `isBehind` and stops reading its source, so that the queue holds
 * little more than `highWaterBytes`.
 */
export class Output {
  readonly #stream: TcpStream;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;

  constructor(stream: TcpStream) {
    this.#stream = stream;
  }

  /** Everything has been handed to the kernel. */
  get isIdle(): boolean {
    return !this.#stream.writing && this.#queuedBytes === 0;
  }

  /** More waits than should. */
  get isBehind(): boolean {
    return this.#queuedBytes >= highWaterBytes;
  }

  /** Sends a part of `bytes`, which are the caller's again on return. */
  write(bytes: Buffer, start: number, end: number): void {
    let position = start;
    while (position < end && this.isIdle) {
      const piece = Math.min(end - position, maxWriteBytes);
      this.#stream.write(position === 0 ? bytes : bytes.subarray(position), piece);
      position += piece;
    }
    if (position === end) return;
    this.#queue.push(Buffer.from(bytes.subarray(position, end)));
    this.#queuedBytes += end - position;
  }

  /** To be called when the stream has drained: sends on. */
  drained(): void {
    while (this.#queuedBytes > 0 && !this.#stream.writing) {
      const next = this.#merge();
      this.#stream.write(next, next.length);
    }
  }

  /** Up to one write's worth of what waits. */
  #merge(): Buffer {
    const [first = Buffer.alloc(0)] = this.#queue;
    let count = 1;
    let bytes = first.length;
    for (; count < this.#queue.length; count += 1) {
      const length = this.#queue[count]?.length ?? 0;
      if (bytes + length > maxWriteBytes) break;
      bytes += length;
    }
    const taken = this.#queue.splice(0, count);
    const merged = count === 1 ? first : Buffer.concat(taken, bytes);
    if (merged.length > maxWriteBytes) this.#queue.unshift(merged.subarray(maxWriteBytes));
    const now = merged.subarray(0, maxWriteBytes);
    this.#queuedBytes -= now.length;
    return now;
  }
}
