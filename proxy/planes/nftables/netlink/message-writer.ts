import { endianness } from 'node:os';
import { NLA_F_NESTED } from './constants.ts';

/** Netlink headers are in the machine's own byte order (RFC 3549 §2.3.2). */
export const littleEndian: boolean = endianness() === 'LE';

const messageHeaderBytes = 16;
const attributeHeaderBytes = 4;

/** Address family and version for `nfgenmsg`, which follows each message's header. */
export interface MessageHead {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** AF_INET, AF_INET6, or 0. */
  readonly family: number;
  /** The subsystem in messages that begin or end a batch. */
  readonly resourceId?: number;
}

/** Writes nfnetlink messages one after another into a buffer that grows. */
export class MessageWriter {
  #bytes = Buffer.alloc(4096);
  #length = 0;
  #messageStart = 0;

  /** Everything written; valid until the next write. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  begin({ type, flags, sequence, family, resourceId = 0 }: MessageHead): void {
    this.#messageStart = this.#length;
    const at = this.#reserve(messageHeaderBytes + 4);
    this.#host16(at + 4, type);
    this.#host16(at + 6, flags);
    this.#host32(at + 8, sequence);
    this.#bytes[at + 16] = family;
    this.#bytes.writeUInt16BE(resourceId, at + 18);
  }

  /** Fills in the length of the message begun last. */
  end(): void {
    this.#host32(this.#messageStart, this.#length - this.#messageStart);
  }

  attribute(type: number, value: Uint8Array): void {
    const at = this.#reserve(attributeHeaderBytes + value.length);
    this.#host16(at, attributeHeaderBytes + value.length);
    this.#host16(at + 2, type);
    this.#bytes.set(value, at + attributeHeaderBytes);
    this.#align();
  }

  /** NUL-terminated, as the kernel has its names. */
  text(type: number, value: string): void {
    this.attribute(type, Buffer.from(`${value}\0`));
  }

  /** In network byte order, as nf_tables has its numbers. */
  uint32(type: number, value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    this.attribute(type, bytes);
  }

  nested(type: number, content: () => void): void {
    const at = this.#reserve(attributeHeaderBytes);
    content();
    this.#host16(at, this.#length - at);
    this.#host16(at + 2, type | NLA_F_NESTED);
  }

  #align(): void {
    this.#reserve(-this.#length & 3);
  }

  /** Zeroed room at the end; gives its place. */
  #reserve(size: number): number {
    const at = this.#length;
    if (at + size > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, at + size));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    this.#length = at + size;
    return at;
  }

  #host16(at: number, value: number): void {
    if (littleEndian) this.#bytes.writeUInt16LE(value, at);
    else this.#bytes.writeUInt16BE(value, at);
  }

  #host32(at: number, value: number): void {
    if (littleEndian) this.#bytes.writeUInt32LE(value, at);
    else this.#bytes.writeUInt32BE(value, at);
  }
}
