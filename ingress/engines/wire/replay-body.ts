import type { BodyPieces } from '../../http1/index.ts';

/** A request's body as far as it came, kept to be sent once more. Bounded. */
export class ReplayBody implements BodyPieces {
  readonly pieces: Int32Array = new Int32Array(2);
  readonly pieceCount = 1;
  trailers = '';
  done = false;
  /** It was longer than may be kept, and is gone. */
  isLost = false;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get dataBytes(): number {
    return this.pieces[1] ?? 0;
  }

  /** Keeps what passes. */
  add(bytes: Buffer, { pieces, pieceCount, dataBytes, done, trailers }: BodyPieces): void {
    if (this.isLost) return;
    if (this.dataBytes + dataBytes > this.#maxBytes) {
      this.isLost = true;
      this.#parts = [];
      return;
    }
    for (let index = 0; index < pieceCount; index += 1) {
      this.#parts.push(Buffer.from(bytes.subarray(pieces[index * 2], pieces[index * 2 + 1])));
    }
    this.pieces[1] = this.dataBytes + dataBytes;
    this.done = done;
    this.trailers = trailers;
  }

  /** All of it, for `pieces` to point into. */
  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
