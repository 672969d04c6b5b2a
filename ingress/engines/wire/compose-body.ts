import type { BodyReader } from '../../http1/index.ts';
import type { WireContext } from './context.ts';

/** Adds data to what is composed: as it is, or as one chunk, and the last chunk at the end. */
export function composePieces(
  { composer }: WireContext,
  bytes: Buffer,
  body: BodyReader,
  isChunked: boolean,
): void {
  if (!isChunked) {
    composer.pieces(bytes, body);
    return;
  }
  if (body.dataBytes > 0) {
    composer.text(`${body.dataBytes.toString(16)}\r\n`);
    composer.pieces(bytes, body);
    composer.text('\r\n');
  }
  if (body.done) composer.text('0\r\n\r\n');
}
