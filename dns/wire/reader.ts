import { WireError } from '../../controller/base/index.ts';
import { maxNameOctets, type Name } from './name.ts';

/** Reads a message from octets that nobody vouches for: every read is checked. */
export class WireReader {
  readonly #octets: Buffer;
  #at: number;

  constructor(octets: Buffer, at: number = 0) {
    this.#octets = octets;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  u8(): number {
    return this.#octets[this.#advance(1)] ?? 0;
  }

  u16(): number {
    return this.#octets.readUInt16BE(this.#advance(2));
  }

  u32(): number {
    return this.#octets.readUInt32BE(this.#advance(4));
  }

  /** A view, not a copy: it pins the whole message. */
  view(length: number): Buffer {
    const start = this.#advance(length);
    return this.#octets.subarray(start, start + length);
  }

  /** A character-string (RFC 1035 §3.3). */
  string(): string {
    return this.view(this.u8()).toString('latin1');
  }

  /**
   * A possibly compressed name. A pointer must lead to before the labels it ends, as any writer
   * that points to what it already wrote does (RFC 1035 §4.1.4): so each jump goes further back,
   * and there is no loop to guard against.
   */
  name(): Name {
    const labels: string[] = [];
    let at = this.#at;
    let runStart = at;
    let resumeAt: number | undefined;
    let octets = 1;
    for (;;) {
      const length = this.#octets[at];
      if (length === undefined) throw truncated();
      if (length === 0) break;
      if (length >= 0xc0) {
        const target = ((length & 0x3f) << 8) | this.#octetAt(at + 1);
        if (target >= runStart) throw new WireError('FORMERR', 'compression pointer not backwards');
        resumeAt ??= at + 2;
        at = target;
        runStart = target;
        continue;
      }
      // 0x40 and 0x80: label types that were never used, or withdrawn (RFC 6891 §5).
      if (length > 63) throw new WireError('FORMERR', 'unknown label type');
      octets += length + 1;
      if (octets > maxNameOctets) throw new WireError('FORMERR', 'name of more than 255 octets');
      if (at + 1 + length > this.#octets.length) throw truncated();
      labels.push(this.#octets.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    this.#at = resumeAt ?? at + 1;
    return labels;
  }

  #octetAt(at: number): number {
    const octet = this.#octets[at];
    if (octet === undefined) throw truncated();
    return octet;
  }

  #advance(length: number): number {
    const start = this.#at;
    if (start + length > this.#octets.length) throw truncated();
    this.#at = start + length;
    return start;
  }
}

function truncated(): WireError {
  return new WireError('FORMERR', 'message ends early');
}
