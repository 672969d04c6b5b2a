import type { Breach } from './breach.ts';
import {
  byteAt,
  carriageReturn,
  colon,
  hexValue,
  horizontalTab,
  isOf,
  lineFeed,
  space,
  tokenByte,
  valueByte,
} from './characters.ts';

/** Hexadecimal digits of 2^64: more only pad. */
const maxSizeDigits = 16;
/** Node's own cap since CVE-2024-22019, and a quarter of it for one line. */
const maxExtensionBytes = 16_384;
const maxExtensionLineBytes = 4_096;
const maxTrailerBytes = 16_384;

const semicolon = 0x3b;

type State =
  | 'size'
  | 'space'
  | 'extension'
  | 'size-lf'
  | 'data'
  | 'data-cr'
  | 'data-lf'
  | 'trailer'
  | 'trailer-name'
  | 'trailer-value'
  | 'trailer-lf'
  | 'last-lf'
  | 'end';

/**
 * Walks through a chunked body (RFC 9112 §7.1), byte by byte where there is framing and in strides
 * where there is data. Line ends are CRLF and nothing else; extensions are checked and dropped,
 * trailers are checked and kept.
 */
export class ChunkScanner {
  /** After `advance` gave 'data': where it lies in the bytes. */
  dataStart = 0;
  dataEnd = 0;
  /** Where `advance` stopped, and has to go on. */
  position = 0;
  breach: Breach = 'malformed-body';
  /** After `advance` gave 'end': the trailer section, each line with its CRLF. */
  trailers = '';
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  /** Makes it ready for another body. */
  reset(): void {
    this.#state = 'size';
    this.#size = 0;
    this.#digits = 0;
    this.#lineBytes = 0;
    this.#extensionBytes = 0;
    this.#trailerBytes = 0;
    this.trailers = '';
  }

  /** Goes on to the next data, to the end of the body, or to the end of the bytes. */
  advance(bytes: Uint8Array, from: number, end: number): 'data' | 'end' | 'more' | 'breach' {
    let position = from;
    while (position < end) {
      if (this.#state === 'data') {
        this.dataStart = position;
        this.dataEnd = Math.min(end, position + this.#size);
        this.#size -= this.dataEnd - position;
        this.position = this.dataEnd;
        if (this.#size === 0) this.#state = 'data-cr';
        return 'data';
      }
      if (!this.#step(byteAt(bytes, position))) return 'breach';
      position += 1;
      if (this.#state === 'end') {
        this.position = position;
        return 'end';
      }
    }
    this.position = position;
    return 'more';
  }

  /** Takes one byte of framing; false: it may not stand here. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#stepSize(byte);
      case 'space':
        if (byte === space || byte === horizontalTab) return this.#countExtension();
        return byte === semicolon && this.#go('extension') && this.#countExtension();
      case 'extension':
        if (byte === carriageReturn) return this.#go('size-lf');
        return isOf(byte, valueByte) && this.#countExtension();
      case 'size-lf':
        return byte === lineFeed && this.#endSizeLine();
      case 'data-cr':
        return byte === carriageReturn && this.#go('data-lf');
      case 'data-lf':
        return byte === lineFeed && this.#go('size');
      case 'trailer':
      case 'trailer-name':
      case 'trailer-value':
      case 'trailer-lf':
        return this.#stepTrailer(byte);
      case 'last-lf':
        return byte === lineFeed && this.#go('end');
      // Neither is framing: `advance` never comes here with them.
      case 'data':
      case 'end':
        return false;
    }
  }

  #stepSize(byte: number): boolean {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#digits += 1;
      this.#size = this.#size * 16 + digit;
      return this.#digits <= maxSizeDigits && this.#size <= Number.MAX_SAFE_INTEGER;
    }
    if (this.#digits === 0) return false;
    if (byte === carriageReturn) return this.#go('size-lf');
    if (byte === semicolon) return this.#go('extension');
    return (byte === space || byte === horizontalTab) && this.#go('space');
  }

  #endSizeLine(): boolean {
    this.#digits = 0;
    this.#lineBytes = 0;
    return this.#go(this.#size === 0 ? 'trailer' : 'data');
  }

  #countExtension(): boolean {
    this.#lineBytes += 1;
    this.#extensionBytes += 1;
    if (this.#lineBytes <= maxExtensionLineBytes && this.#extensionBytes <= maxExtensionBytes) {
      return true;
    }
    this.breach = 'chunk-extensions-too-long';
    return false;
  }

  #stepTrailer(byte: number): boolean {
    this.#trailerBytes += 1;
    if (this.#trailerBytes > maxTrailerBytes) return false;
    if (this.#state === 'trailer' && byte === carriageReturn) return this.#go('last-lf');
    this.trailers += String.fromCharCode(byte);
    if (this.#state === 'trailer') {
      return isOf(byte, tokenByte) && this.#go('trailer-name');
    }
    if (this.#state === 'trailer-name') {
      return byte === colon ? this.#go('trailer-value') : isOf(byte, tokenByte);
    }
    if (this.#state === 'trailer-value') {
      return byte === carriageReturn ? this.#go('trailer-lf') : isOf(byte, valueByte);
    }
    return byte === lineFeed && this.#go('trailer');
  }

  #go(state: State): true {
    this.#state = state;
    return true;
  }
}
