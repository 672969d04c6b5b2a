import type { Breach } from './breach.ts';
import { byteAt, carriageReturn, isOf, lineFeed, space, valueByte } from './characters.ts';
import { type ConnectionOptions, connectionOptions } from './connection-options.ts';
import { type BodyLength, readFraming, unframed, untilClose } from './framing.ts';
import { breached, HeadFields, incomplete } from './head-fields.ts';
import type { ResponseHead } from './heads.ts';

/** Sizes above which a response head is refused. */
export interface ResponseLimits {
  readonly headBytes: number;
  readonly headerLines: number;
}

/** `HTTP/1.1 200`: what every status line begins with, in this many bytes. */
const statusEnd = 12;
const statusShape = Buffer.from('HTTP/1.? ', 'latin1');

/**
 * Parses the heads of responses. As with requests, one parser serves a whole thread, and its
 * fields are those of the last head.
 */
export class ResponseParser implements ResponseHead {
  readonly fields: HeadFields;
  status = 0;
  minorVersion = 1;
  /** Where the status line ends in `fields.text`, CRLF included; it starts at 0. */
  lineEnd = 0;
  /** As the fields say; the request's method and the status may say otherwise. */
  bodyLength: BodyLength = unframed;
  options: ConnectionOptions = { close: false, keepAlive: false, upgrade: false };
  breach: Breach = 'invalid-status-line';
  readonly #headBytes: number;

  constructor(limits: ResponseLimits) {
    this.#headBytes = limits.headBytes;
    this.fields = new HeadFields(limits.headerLines, true);
  }

  /** Returns the position behind the head that begins at `start`, `incomplete` or `breached`. */
  parse(bytes: Buffer, start: number, end: number): number {
    const fieldsAt = this.#parseStatusLine(bytes, start, end);
    if (fieldsAt <= 0) return fieldsAt === incomplete ? this.#checkSize(start, end) : breached;
    const after = this.fields.scan(bytes, start, fieldsAt, end);
    if (after === breached) return this.#fail(this.fields.breach);
    if (after === incomplete) return this.#checkSize(start, end);
    if (after - start > this.#headBytes) return this.#fail('head-too-large');
    this.lineEnd = fieldsAt - start;
    const bodyLength = readFraming(this.fields, this.minorVersion === 0);
    if (typeof bodyLength === 'string') return this.#fail(bodyLength);
    this.bodyLength = bodyLength;
    this.options = connectionOptions(this.fields);
    return after;
  }

  /**
   * How long the body is that follows. RFC 9112 §6.3: none after HEAD, 1xx, 204 and 304, whatever
   * the fields say; up to the end of the connection where nothing says otherwise.
   */
  bodyFor(method: string): BodyLength {
    const { status } = this;
    if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0;
    return this.bodyLength === unframed ? untilClose : this.bodyLength;
  }

  #checkSize(start: number, end: number): number {
    return end - start > this.#headBytes ? this.#fail('head-too-large') : incomplete;
  }

  #parseStatusLine(bytes: Buffer, start: number, end: number): number {
    const shapeEnd = Math.min(statusShape.length, end - start);
    for (let index = 0; index < shapeEnd; index += 1) {
      const byte = byteAt(bytes, start + index);
      const fits =
        index === 7 ? byte === 0x30 || byte === 0x31 : byte === byteAt(statusShape, index);
      if (!fits) return this.#fail('invalid-status-line');
    }
    let status = 0;
    for (let at = start + statusShape.length; at < Math.min(start + statusEnd, end); at += 1) {
      const digit = byteAt(bytes, at) - 0x30;
      if (digit < 0 || digit > 9) return this.#fail('invalid-status-line');
      status = status * 10 + digit;
    }
    let position = start + statusEnd;
    if (position >= end) return incomplete;
    const next = byteAt(bytes, position);
    // The space before an absent reason phrase may be absent too.
    if (next !== space && next !== carriageReturn) return this.#fail('invalid-status-line');
    while (position < end && isOf(byteAt(bytes, position), valueByte)) position += 1;
    if (position < end && byteAt(bytes, position) !== carriageReturn) {
      return this.#fail('invalid-status-line');
    }
    if (position + 1 >= end) return incomplete;
    if (byteAt(bytes, position + 1) !== lineFeed || status < 100 || status > 599) {
      return this.#fail('invalid-status-line');
    }
    this.status = status;
    this.minorVersion = byteAt(bytes, start + 7) === 0x30 ? 0 : 1;
    return position + 2;
  }

  #fail(breach: Breach): number {
    this.breach = breach;
    return breached;
  }
}
