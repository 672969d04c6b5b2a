import { defaultTableBytes, DynamicTable } from './dynamic-table.ts';
import { HeaderField } from './header-field.ts';
import { lastStaticIndex, staticLines, staticNames } from './static-table.ts';

/** Bytes that the longest integer takes: prefix, and five times seven bits. */
const maxIntegerBytes = 6;
/** A longer value would push too many others out of the table. */
const maxIndexedBytes = 512;

/** Literal, and not to be remembered by anybody on the way (RFC 7541 §6.2.3, §7.1.3). */
const neverIndexed: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
]);
/** Differs from message to message: remembering it would push out what repeats. */
const notRepeated: ReadonlySet<string> = new Set([
  ':path',
  'content-length',
  'content-range',
  'etag',
  'grpc-timeout',
  'last-modified',
  'location',
  'traceparent',
  'x-request-id',
]);

/**
 * Writes header blocks of one connection. Fields that repeat cost one byte and one look-up.
 * Strings go as they are: Huffman coding would save a third of what is written once.
 */
export class HpackEncoder {
  readonly #table: DynamicTable;
  /** Numbers of the table's entries by `name: value`. */
  readonly #numbers = new Map<string, number>();
  #tableBytes = defaultTableBytes;
  /** Least size since the last block, if it changed: told at the next one. */
  #announced: number | undefined = undefined;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  constructor() {
    this.#table = new DynamicTable(({ name, value }, number) => {
      const line = `${name}: ${value}`;
      if (this.#numbers.get(line) === number) this.#numbers.delete(line);
    });
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE: as much, or less, is used from the next block on. */
  allowTable(bytes: number): void {
    const size = Math.min(bytes, defaultTableBytes);
    if (size === this.#tableBytes) return;
    this.#tableBytes = size;
    this.#announced = Math.min(size, this.#announced ?? size);
    this.#table.resize(size);
  }

  /** Begins a block, in `bytes` from 0 on. There must be room for whatever is added. */
  begin(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#length = 0;
    if (this.#announced === undefined) return;
    // RFC 7541 §4.2: the smallest in between, and the last.
    if (this.#announced < this.#tableBytes) this.#integer(0x20, 5, this.#announced);
    this.#integer(0x20, 5, this.#tableBytes);
    this.#announced = undefined;
  }

  /** Ends the block; its length in bytes. */
  end(): number {
    return this.#length;
  }

  /** Room that a field needs at most. */
  static roomFor(name: string, value: string): number {
    return name.length + value.length + 3 * maxIntegerBytes;
  }

  /** Adds a field; the name is in lower case. */
  field(name: string, value: string): void {
    const line = `${name}: ${value}`;
    const fixed = staticLines.get(line);
    if (fixed !== undefined) {
      this.#integer(0x80, 7, fixed);
      return;
    }
    const number = this.#numbers.get(line);
    if (number !== undefined) {
      this.#integer(0x80, 7, lastStaticIndex + this.#table.added - number);
      return;
    }
    this.#literal(name, value, line);
  }

  #literal(name: string, value: string, line: string): void {
    const nameIndex = staticNames.get(name) ?? 0;
    if (neverIndexed.has(name)) {
      this.#integer(0x10, 4, nameIndex);
    } else if (notRepeated.has(name) || line.length > maxIndexedBytes || this.#tableBytes === 0) {
      this.#integer(0, 4, nameIndex);
    } else {
      this.#integer(0x40, 6, nameIndex);
      const { added } = this.#table;
      this.#table.add(new HeaderField(name, value));
      if (this.#table.added > added) this.#numbers.set(line, added);
    }
    if (nameIndex === 0) this.#string(name);
    this.#string(value);
  }

  #string(text: string): void {
    this.#integer(0, 7, text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  #integer(flags: number, bits: number, value: number): void {
    const mask = (1 << bits) - 1;
    if (value < mask) {
      this.#bytes[this.#length] = flags | value;
      this.#length += 1;
      return;
    }
    this.#bytes[this.#length] = flags | mask;
    this.#length += 1;
    let rest = value - mask;
    while (rest >= 0x80) {
      this.#bytes[this.#length] = (rest & 0x7f) | 0x80;
      this.#length += 1;
      rest = Math.trunc(rest / 0x80);
    }
    this.#bytes[this.#length] = rest;
    this.#length += 1;
  }
}
