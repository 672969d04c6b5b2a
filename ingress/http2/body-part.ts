import type { BodyPieces } from '../http1/index.ts';

/** A part of a body as HTTP/2 brings it: one piece, if any, and perhaps the end. */
export class BodyPart implements BodyPieces {
  readonly pieces: Int32Array = new Int32Array(2);
  pieceCount = 0;
  dataBytes = 0;
  done = false;
  trailers = '';

  /** Describes the bytes from `start` to `end`; `done`: nothing follows them but `trailers`. */
  set(start: number, end: number, done: boolean, trailers: string): this {
    this.pieces[0] = start;
    this.pieces[1] = end;
    this.pieceCount = end > start ? 1 : 0;
    this.dataBytes = end - start;
    this.done = done;
    this.trailers = trailers;
    return this;
  }
}
