import { HeldBytes } from '../transport/index.ts';

/** What has come of a body and nobody takes yet. The stream's window bounds it. */
export class HeldBody {
  readonly bytes: HeldBytes;
  /** The body ends with it. */
  isEnd = false;
  trailers = '';

  constructor(capacity: number) {
    this.bytes = new HeldBytes(capacity);
  }

  append(bytes: Buffer, start: number, end: number): void {
    if (end > start) this.bytes.append(bytes, start, end);
  }
}
