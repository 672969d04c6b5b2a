import type { Breach } from './breach.ts';
import { ChunkScanner } from './chunk-scanner.ts';
import { type BodyLength, chunkedBody, untilClose } from './framing.ts';
import { breached } from './head-fields.ts';
import { passedTrailers } from './trailers.ts';

/** Pieces of data noted in one `read`. More of them wait for the next one. */
const maxPieces = 256;

/** Of all readers of a thread: what one noted counts until any of them reads again. */
const sharedPieces = new Int32Array(maxPieces * 2);

/** Where the data of a body lies in the bytes that were just read. */
export interface BodyPieces {
  /** Pairs of start and end. */
  readonly pieces: Int32Array;
  readonly pieceCount: number;
  /** Sum over the pieces. */
  readonly dataBytes: number;
  /** The body is over. */
  readonly done: boolean;
  /** Trailer lines that may pass, each with its CRLF; '' before `done`, and where there are none. */
  readonly trailers: string;
}

/**
 * Tells the bytes of a body from what comes around and after it. Never copies: `read` notes where
 * the data lies.
 */
export class BodyReader implements BodyPieces {
  /** Pairs of start and end in the bytes of the last `read`, of whichever reader. */
  readonly pieces: Int32Array = sharedPieces;
  pieceCount = 0;
  dataBytes = 0;
  done = true;
  trailers = '';
  #scanner: ChunkScanner | undefined;
  #isChunked = false;
  /** Bytes still to come; Infinity up to the end of the connection. */
  #left = 0;

  begin(length: BodyLength): void {
    this.pieceCount = 0;
    this.dataBytes = 0;
    this.trailers = '';
    this.#isChunked = length === chunkedBody;
    if (this.#isChunked) {
      this.#scanner ??= new ChunkScanner();
      this.#scanner.reset();
    }
    this.#left = length === untilClose ? Number.POSITIVE_INFINITY : Math.max(0, length);
    this.done = !this.#isChunked && this.#left === 0;
  }

  /** Nothing but the end of the connection delimits it. */
  get endsWithConnection(): boolean {
    return this.#left === Number.POSITIVE_INFINITY;
  }

  /** The connection has ended, and the body with it. */
  end(): void {
    this.pieceCount = 0;
    this.dataBytes = 0;
    this.done = true;
  }

  /** Why `read` gave `breached`. */
  get breach(): Breach {
    return this.#scanner?.breach ?? 'malformed-body';
  }

  /**
   * Reads on, from `start`. Returns the position behind what belongs to the body (before `end`
   * only if the body is over or the pieces are full), or `breached`.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    this.pieceCount = 0;
    this.dataBytes = 0;
    if (this.done || start >= end) return start;
    if (this.#isChunked && this.#scanner) return this.#readChunks(this.#scanner, bytes, start, end);
    const taken = Math.min(end - start, this.#left);
    this.#left -= taken;
    this.done = this.#left === 0;
    this.#note(start, start + taken);
    return start + taken;
  }

  #readChunks(scanner: ChunkScanner, bytes: Uint8Array, start: number, end: number): number {
    let position = start;
    while (this.pieceCount < maxPieces) {
      const event = scanner.advance(bytes, position, end);
      if (event === 'breach') return breached;
      position = scanner.position;
      if (event === 'data') {
        this.#note(scanner.dataStart, scanner.dataEnd);
        continue;
      }
      this.done = event === 'end';
      if (this.done && scanner.trailers !== '') this.trailers = passedTrailers(scanner.trailers);
      break;
    }
    return position;
  }

  #note(start: number, end: number): void {
    this.pieces[this.pieceCount * 2] = start;
    this.pieces[this.pieceCount * 2 + 1] = end;
    this.pieceCount += 1;
    this.dataBytes += end - start;
  }
}
