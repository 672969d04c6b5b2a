import { HeldBytes } from '../transport/index.ts';
import { errorCode } from './frames/frame-types.ts';

/** Frames behind HEADERS that may carry the rest of a block: CVE-2024-27316 sends no end of them. */
const maxContinuations = 8;

/** Puts a header block together from HEADERS and CONTINUATION. */
export class HeaderBlock {
  /** 0: none is open. */
  streamId = 0;
  endStream = false;
  readonly #maxBytes: number;
  #held: HeldBytes | undefined = undefined;
  #continuations = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Begins with what HEADERS carried; an error code, or `noError`. */
  begin(streamId: number, endStream: boolean, bytes: Buffer, start: number, end: number): number {
    this.streamId = streamId;
    this.endStream = endStream;
    this.#continuations = 0;
    this.#held = new HeldBytes(end - start);
    this.#held.append(bytes, start, end);
    return this.#fault();
  }

  /** Adds what CONTINUATION carried. */
  add(bytes: Buffer, start: number, end: number): number {
    this.#continuations += 1;
    this.#held?.append(bytes, start, end);
    return this.#fault();
  }

  /** The whole block. Nothing is open then. */
  take(): Buffer {
    const held = this.#held;
    this.#held = undefined;
    this.streamId = 0;
    return held ? held.bytes.subarray(held.start, held.end) : Buffer.alloc(0);
  }

  #fault(): number {
    const isFlood =
      this.#continuations > maxContinuations || (this.#held?.length ?? 0) > this.#maxBytes;
    return isFlood ? errorCode.enhanceYourCalm : errorCode.noError;
  }
}
