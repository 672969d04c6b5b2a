/** A message with its length in front, as TCP carries it (RFC 1035 §4.2.2). */
export function frame(message: Buffer): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 2);
  framed.writeUInt16BE(message.length);
  message.copy(framed, 2);
  return framed;
}

/**
 * Cuts a TCP stream into messages, however it is split. Holds at most one unfinished message:
 * 64 KiB.
 */
export class FrameReader {
  readonly #onMessage: (octets: Buffer) => void;
  #pending: Buffer[] = [];
  #pendingOctets = 0;

  /** `onMessage` gets views of the chunks where it can. */
  constructor(onMessage: (octets: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingOctets += chunk.length;
    if (this.#pendingOctets < this.#wanted()) return;
    let rest = this.#joined();
    while (rest.length >= 2) {
      const end = 2 + rest.readUInt16BE();
      if (rest.length < end) break;
      const message = rest.subarray(2, end);
      rest = rest.subarray(end);
      this.#onMessage(message);
    }
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#pendingOctets = rest.length;
  }

  /** Octets needed before a message can be whole; joining before would cost a copy a segment. */
  #wanted(): number {
    const [first] = this.#pending;
    if (!first || this.#pendingOctets < 2) return 2;
    return 2 + (first.length >= 2 ? first : this.#joined()).readUInt16BE();
  }

  #joined(): Buffer {
    const [only] = this.#pending;
    const joined = only && this.#pending.length === 1 ? only : Buffer.concat(this.#pending);
    this.#pending = [joined];
    return joined;
  }
}
