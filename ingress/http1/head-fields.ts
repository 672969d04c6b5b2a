import type { Breach } from './breach.ts';
import {
  byteAt,
  carriageReturn,
  colon,
  horizontalTab,
  isOf,
  lineFeed,
  space,
  tokenByte,
  valueByte,
} from './characters.ts';
import { field, fieldOf, hashStep } from './field-names.ts';

/** Result of a scan that met the end of the bytes before the end of the head. */
export const incomplete = 0;
/** Result of a scan that met a breach; which one stands beside it. */
export const breached = -1;

const underscore = 0x5f;
/** Positions kept of each line: line, end of name, value, end of value, end of line. */
const stride = 5;

/**
 * The field lines of one head, as positions in its bytes. Made once and filled again and again:
 * a head costs no object, and a value becomes a string only when somebody asks for it.
 */
export class HeadFields {
  /** The head in latin1, from its first byte to the end of its blank line. */
  text = '';
  count = 0;
  breach: Breach = 'invalid-field';
  readonly #max: number;
  /** RFC 9112 §5.1: only a proxy's responses may have a space before the colon, which it removes. */
  readonly #spaceBeforeColon: boolean;
  readonly #positions: Int32Array;
  readonly #ids: Uint8Array;
  /** Position in the bytes at which `text` begins. */
  #base = 0;

  constructor(maxLines: number, spaceBeforeColon: boolean) {
    this.#max = maxLines;
    this.#spaceBeforeColon = spaceBeforeColon;
    this.#positions = new Int32Array(maxLines * stride);
    this.#ids = new Uint8Array(maxLines);
  }

  /**
   * Reads lines up to and with the blank one, of a head that starts at `base`. Returns the
   * position behind it, `incomplete`, or `breached`.
   */
  scan(bytes: Buffer, base: number, from: number, end: number): number {
    this.#base = base;
    this.count = 0;
    let position = from;
    for (;;) {
      const first = byteAt(bytes, position);
      if (first === carriageReturn) return this.#scanBlankLine(bytes, position, end);
      if (position >= end) return incomplete;
      if (this.count === this.#max) return this.#fail('too-many-headers');
      position = this.#scanLine(bytes, position, end);
      if (position <= 0) return position;
    }
  }

  #scanBlankLine(bytes: Buffer, position: number, end: number): number {
    if (position + 1 >= end) return incomplete;
    if (byteAt(bytes, position + 1) !== lineFeed) return this.#fail('invalid-field');
    this.text = bytes.toString('latin1', this.#base, position + 2);
    return position + 2;
  }

  #scanLine(bytes: Buffer, line: number, end: number): number {
    let position = line;
    let hash = 0;
    let id: number = field.other;
    let byte = byteAt(bytes, position);
    let hasUnderscore = false;
    while (position < end && isOf(byte, tokenByte)) {
      if (byte === underscore) hasUnderscore = true;
      hash = hashStep(hash, byte);
      position += 1;
      byte = byteAt(bytes, position);
    }
    const nameEnd = position;
    if (this.#spaceBeforeColon && nameEnd > line) position = skipSpaces(bytes, position, end);
    if (position >= end) return incomplete;
    if (byteAt(bytes, position) !== colon || nameEnd === line) return this.#fail('invalid-field');
    id = fieldOf(bytes, line, nameEnd, hash);
    // A space before the colon of a framing field is how two readers come to differ: never mended.
    if (
      position > nameEnd &&
      (id === field.contentLength || id === field.transferEncoding || id === field.connection)
    ) {
      return this.#fail('invalid-field');
    }
    const value = skipSpaces(bytes, position + 1, end);
    position = value;
    while (position < end && isOf(byteAt(bytes, position), valueByte)) position += 1;
    if (position + 1 >= end) {
      const isCut = position >= end || byteAt(bytes, position) === carriageReturn;
      return isCut ? incomplete : this.#fail('invalid-field');
    }
    if (byteAt(bytes, position) !== carriageReturn || byteAt(bytes, position + 1) !== lineFeed) {
      return this.#fail('invalid-field');
    }
    // CGI-like servers cannot tell `_` from `-`: such a name is an alias of one that we own.
    if (hasUnderscore) id = field.owned;
    this.#remember(line, nameEnd, value, trimEnd(bytes, value, position), position + 2, id);
    return position + 2;
  }

  #remember(
    line: number,
    nameEnd: number,
    value: number,
    valueEnd: number,
    lineEnd: number,
    id: number,
  ): void {
    const at = this.count * stride;
    const base = this.#base;
    this.#positions[at] = line - base;
    this.#positions[at + 1] = nameEnd - base;
    this.#positions[at + 2] = value - base;
    this.#positions[at + 3] = valueEnd - base;
    this.#positions[at + 4] = lineEnd - base;
    this.#ids[this.count] = id;
    this.count += 1;
  }

  #fail(breach: Breach): number {
    this.breach = breach;
    return breached;
  }

  /** The same fields, in an object of their own. */
  copy(): HeadFields {
    const copy = new HeadFields(this.count, this.#spaceBeforeColon);
    copy.text = this.text;
    copy.count = this.count;
    copy.#positions.set(this.#positions.subarray(0, this.count * stride));
    copy.#ids.set(this.#ids.subarray(0, this.count));
    return copy;
  }

  /** What `field` calls the name of a line. */
  id(index: number): number {
    return this.#ids[index] ?? 0;
  }

  /** Marks a line as not to be passed on. */
  drop(index: number): void {
    this.#ids[index] = field.hopByHop;
  }

  name(index: number): string {
    return this.text.slice(this.#at(index, 0), this.#at(index, 1));
  }

  value(index: number): string {
    return this.text.slice(this.#at(index, 2), this.#at(index, 3));
  }

  /** Where a line begins in `text`. */
  lineStart(index: number): number {
    return this.#at(index, 0);
  }

  /** Where a line ends in `text`, CRLF included. */
  lineEnd(index: number): number {
    return this.#at(index, 4);
  }

  /** Whether the line can pass as it stands: nothing between the name and its colon. */
  isClean(index: number): boolean {
    return this.text.charCodeAt(this.#at(index, 1)) === colon;
  }

  /** The first value of a field, or undefined. */
  first(id: number): string | undefined {
    for (let index = 0; index < this.count; index += 1) {
      if (this.#ids[index] === id) return this.value(index);
    }
    return undefined;
  }

  /** All values of a field as one list (RFC 9110 §5.3), or undefined. */
  joined(id: number, separator: string = ', '): string | undefined {
    let list: string | undefined;
    for (let index = 0; index < this.count; index += 1) {
      if (this.#ids[index] !== id) continue;
      const value = this.value(index);
      list = list === undefined ? value : `${list}${separator}${value}`;
    }
    return list;
  }

  #at(index: number, offset: number): number {
    return this.#positions[index * stride + offset] ?? 0;
  }
}

function skipSpaces(bytes: Uint8Array, from: number, end: number): number {
  let position = from;
  while (position < end && isSpace(byteAt(bytes, position))) position += 1;
  return position;
}

function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let position = end;
  while (position > start && isSpace(byteAt(bytes, position - 1))) position -= 1;
  return position;
}

function isSpace(byte: number): boolean {
  return byte === space || byte === horizontalTab;
}
