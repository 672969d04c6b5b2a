import { defaultTableBytes, DynamicTable } from './dynamic-table.ts';
import { HeaderField } from './header-field.ts';
import { huffmanDecode } from './huffman.ts';
import { lastStaticIndex, staticTable } from './static-table.ts';

/** Takes the fields of a block, in order. */
export interface FieldSink {
  field(field: HeaderField): void;
}

/** Above any index, length or size that means something here: refused before it can overflow. */
const maxInteger = 0x0fff_ffff;
const brokenInteger = -1;
/** RFC 7541 §4.2: at most two size updates, at the start of a block. */
const maxSizeUpdates = 2;

/**
 * Reads header blocks of one connection (RFC 7541). A block that is broken leaves the table in an
 * unknown state: the connection ends with COMPRESSION_ERROR.
 */
export class HpackDecoder {
  readonly #table = new DynamicTable();
  #position = 0;

  /** Gives each field of a whole block to `sink`. False: the block is broken. */
  decode(bytes: Buffer, start: number, end: number, sink: FieldSink): boolean {
    this.#position = start;
    let sizeUpdates = 0;
    let isFirst = true;
    while (this.#position < end) {
      const byte = bytes[this.#position] ?? 0;
      if ((byte & 0xe0) === 0x20) {
        sizeUpdates += 1;
        if (!isFirst || sizeUpdates > maxSizeUpdates || !this.#resize(bytes, end)) return false;
        continue;
      }
      isFirst = false;
      const field = byte >= 0x80 ? this.#indexed(bytes, end) : this.#literal(bytes, end, byte);
      if (!field) return false;
      sink.field(field);
    }
    return true;
  }

  #indexed(bytes: Buffer, end: number): HeaderField | undefined {
    return this.#entry(this.#integer(bytes, end, 7));
  }

  #literal(bytes: Buffer, end: number, first: number): HeaderField | undefined {
    const isRemembered = (first & 0x40) !== 0;
    const index = this.#integer(bytes, end, isRemembered ? 6 : 4);
    const name = index === 0 ? this.#string(bytes, end) : this.#entry(index)?.name;
    if (name === undefined) return undefined;
    const value = this.#string(bytes, end);
    if (value === undefined) return undefined;
    const field = new HeaderField(name, value);
    if (isRemembered) this.#table.add(field);
    return field;
  }

  #entry(index: number): HeaderField | undefined {
    if (index <= lastStaticIndex) return staticTable[index];
    return this.#table.at(index - lastStaticIndex - 1);
  }

  #resize(bytes: Buffer, end: number): boolean {
    const size = this.#integer(bytes, end, 5);
    // Ours to allow, and we never announce another size than the default.
    if (size === brokenInteger || size > defaultTableBytes) return false;
    this.#table.resize(size);
    return true;
  }

  #string(bytes: Buffer, end: number): string | undefined {
    const isHuffman = ((bytes[this.#position] ?? 0) & 0x80) !== 0;
    if (this.#position >= end) return undefined;
    const length = this.#integer(bytes, end, 7);
    const start = this.#position;
    if (length === brokenInteger || length > end - start) return undefined;
    this.#position += length;
    return isHuffman
      ? huffmanDecode(bytes, start, start + length)
      : bytes.toString('latin1', start, start + length);
  }

  /** RFC 7541 §5.1, with a prefix of `bits`. */
  #integer(bytes: Buffer, end: number, bits: number): number {
    const mask = (1 << bits) - 1;
    let value = (bytes[this.#position] ?? 0) & mask;
    this.#position += 1;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      if (this.#position >= end) return brokenInteger;
      const byte = bytes[this.#position] ?? 0;
      this.#position += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value > maxInteger ? brokenInteger : value;
    }
    return brokenInteger;
  }
}
