import { littleEndian } from './message-writer.ts';

/** One message from the kernel. */
export interface Answer {
  readonly type: number;
  readonly sequence: number;
  /** Behind the header. */
  readonly body: Uint8Array;
}

const headerBytes = 16;

/** The messages in what one `recv` gave; ends at the first that is not whole. */
export function* readAnswers(bytes: Uint8Array): Generator<Answer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const length = view.getUint32(at, littleEndian);
    if (length < headerBytes || at + length > bytes.length) return;
    yield {
      type: view.getUint16(at + 4, littleEndian),
      sequence: view.getUint32(at + 8, littleEndian),
      body: bytes.subarray(at + headerBytes, at + length),
    };
    at += (length + 3) & ~3;
  }
}

/** The error number in an NLMSG_ERROR; 0: done. */
export function errnoOf({ body }: Answer): number {
  if (body.length < 4) return 0;
  return -new DataView(body.buffer, body.byteOffset, body.length).getInt32(0, littleEndian);
}
