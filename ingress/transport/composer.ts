import type { BodyPieces } from '../http1/index.ts';
import type { Output } from './output.ts';

/** As much as a stream takes in one write. */
const capacityBytes = 65_536;

/**
 * Gathers the parts of a message, text and bytes, so that they leave in one write. One for a
 * thread: `open`, parts, `close`, all within one turn.
 */
export class Composer {
  readonly #bytes = Buffer.allocUnsafeSlow(capacityBytes);
  #length = 0;
  #output: Output | undefined = undefined;

  /** Everything from here to `close` goes there. Opening it again for the same one goes on. */
  open(output: Output): void {
    if (this.#output !== output) this.close();
    this.#output = output;
  }

  /** Latin-1: one character, one byte. */
  text(text: string): void {
    if (text.length > capacityBytes - this.#length) this.#flush();
    if (text.length > capacityBytes) {
      const whole = Buffer.from(text, 'latin1');
      this.#output?.write(whole, 0, whole.length);
      return;
    }
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** A part of a body: as it is, or as one chunk, with the last chunk and trailers at its end. */
  body(bytes: Buffer, body: BodyPieces, isChunked: boolean): void {
    if (!isChunked) {
      this.pieces(bytes, body);
      return;
    }
    if (body.dataBytes > 0) {
      this.text(`${body.dataBytes.toString(16)}\r\n`);
      this.pieces(bytes, body);
      this.text('\r\n');
    }
    if (body.done) this.text(`0\r\n${body.trailers}\r\n`);
  }

  /** The data of a part of a body. */
  pieces(bytes: Buffer, { pieces, pieceCount }: BodyPieces): void {
    for (let index = 0; index < pieceCount; index += 1) {
      this.#piece(bytes, pieces[index * 2] ?? 0, pieces[index * 2 + 1] ?? 0);
    }
  }

  /** Sends what is left. */
  close(): void {
    this.#flush();
    this.#output = undefined;
  }

  #piece(bytes: Buffer, start: number, end: number): void {
    if (end - start > capacityBytes - this.#length) this.#flush();
    // Long ones go as they are: copying them would cost more than another write.
    if (end - start > capacityBytes / 2 && this.#length === 0) {
      this.#output?.write(bytes, start, end);
      return;
    }
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#output?.write(this.#bytes, 0, this.#length);
    this.#length = 0;
  }
}
