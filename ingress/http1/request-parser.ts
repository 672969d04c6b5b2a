import type { Breach } from './breach.ts';
import {
  byteAt,
  carriageReturn,
  isOf,
  lineFeed,
  space,
  targetByte,
  tokenByte,
} from './characters.ts';
import { type ConnectionOptions, connectionOptions } from './connection-options.ts';
import { field } from './field-names.ts';
import { type BodyLength, readFraming, unframed } from './framing.ts';
import { breached, HeadFields, incomplete } from './head-fields.ts';
import type { RequestHead } from './heads.ts';
import { isHost, isSameHost } from './host.ts';

/** Sizes above which a request head is refused. */
export interface RequestLimits {
  /** All of the head, blank line included: 431 above. */
  readonly headBytes: number;
  readonly headerLines: number;
  /** 414 above. */
  readonly targetBytes: number;
}

/** RFC 9112 §2.2 wants at least one skipped. */
const maxBlankLines = 4;
/** The longest registered method has 17 bytes. */
const maxMethodBytes = 64;
/** `HTTP/1.1` and CRLF. */
const versionBytes = 8;

/**
 * Parses request heads, strictly: RFC 9112 with every tolerance that it permits turned off. One
 * parser serves all connections of a thread: its fields hold the last head that was complete, and
 * only until the next call.
 */
export class RequestParser implements RequestHead {
  readonly fields: HeadFields;
  method = '';
  /** In origin-form or `*`, as it came: `/p?q`. */
  target = '';
  /** The Host field, or an absolute target's authority, which counts before it. */
  host = '';
  version: '1.0' | '1.1' = '1.1';
  bodyLength: BodyLength = unframed;
  options: ConnectionOptions = { close: false, keepAlive: false, upgrade: false };
  /** `Expect: 100-continue` of HTTP/1.1. */
  expectsContinue = false;
  /** Why `parse` gave `breached`. */
  breach: Breach = 'invalid-request-line';
  readonly #limits: RequestLimits;
  /** The last Host that was found sound: most requests of a connection have the same. */
  #soundHost: string | undefined = undefined;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
    this.fields = new HeadFields(limits.headerLines, false);
  }

  /**
   * Reads a head from `start`. Returns the position behind it; `incomplete`, and the caller comes
   * again with the same bytes and more; or `breached`.
   */
  parse(bytes: Buffer, start: number, end: number): number {
    const line = skipBlankLines(bytes, start, end);
    if (line === halfLine) return incomplete;
    if (line < 0) return this.#fail('invalid-request-line');
    const fieldsAt = this.#parseRequestLine(bytes, line, end);
    if (fieldsAt <= 0) return fieldsAt === incomplete ? this.#checkSize(line, end) : breached;
    const after = this.fields.scan(bytes, line, fieldsAt, end);
    if (after === breached) return this.#fail(this.fields.breach);
    if (after === incomplete) return this.#checkSize(line, end);
    if (after - line > this.#limits.headBytes) return this.#fail('head-too-large');
    return this.#interpret() ? after : breached;
  }

  /** What is incomplete may still be too long already. */
  #checkSize(start: number, end: number): number {
    return end - start > this.#limits.headBytes ? this.#fail('head-too-large') : incomplete;
  }

  #parseRequestLine(bytes: Buffer, start: number, end: number): number {
    let position = start;
    while (position < end && isOf(byteAt(bytes, position), tokenByte)) position += 1;
    if (position - start > maxMethodBytes) return this.#fail('invalid-method');
    if (position >= end) return incomplete;
    if (byteAt(bytes, position) !== space || position === start) {
      return this.#fail('invalid-request-line');
    }
    const targetAt = position + 1;
    position = targetAt;
    while (position < end && isOf(byteAt(bytes, position), targetByte)) position += 1;
    if (position - targetAt > this.#limits.targetBytes) return this.#fail('target-too-long');
    if (position >= end) return incomplete;
    if (byteAt(bytes, position) !== space || position === targetAt) {
      return this.#fail('invalid-target');
    }
    const after = this.#parseVersion(bytes, position + 1, end);
    if (after > 0) {
      this.method = methodName(bytes, start, targetAt - 1);
      this.target = bytes.toString('latin1', targetAt, position);
    }
    return after;
  }

  #parseVersion(bytes: Buffer, at: number, end: number): number {
    const available = Math.min(end - at, versionBytes);
    for (let index = 0; index < available; index += 1) {
      if (!isVersionByte(byteAt(bytes, at + index), index)) return this.#fail('invalid-version');
    }
    const lineEnd = at + versionBytes;
    if (lineEnd < end && byteAt(bytes, lineEnd) !== carriageReturn) {
      return this.#fail('invalid-version');
    }
    if (lineEnd + 1 < end && byteAt(bytes, lineEnd + 1) !== lineFeed) {
      return this.#fail('invalid-version');
    }
    if (lineEnd + 1 >= end) return incomplete;
    if (byteAt(bytes, at + 5) !== 0x31) return this.#fail('unsupported-version');
    // Higher minor versions are served as 1.1 (RFC 9110 §2.5).
    this.version = byteAt(bytes, at + 7) === 0x30 ? '1.0' : '1.1';
    return lineEnd + 2;
  }

  /** What the head says as a whole. */
  #interpret(): boolean {
    const { fields } = this;
    const bodyLength = readFraming(fields, this.version === '1.0');
    if (typeof bodyLength === 'string') return this.#refuse(bodyLength);
    this.bodyLength = bodyLength;
    this.options = connectionOptions(fields);
    if (!this.#readHost()) return false;
    const expect = fields.first(field.expect);
    this.expectsContinue = false;
    if (expect !== undefined) {
      if (expect.toLowerCase() !== '100-continue') return this.#refuse('expectation');
      this.expectsContinue = this.version === '1.1';
    }
    return true;
  }

  #readHost(): boolean {
    let host: string | undefined;
    for (let index = 0; index < this.fields.count; index += 1) {
      if (this.fields.id(index) !== field.host) continue;
      if (host !== undefined) return this.#refuse('several-hosts');
      host = this.fields.value(index);
    }
    if (host === undefined || (host !== this.#soundHost && !isHost(host))) {
      return this.#refuse('invalid-host');
    }
    this.#soundHost = host;
    this.host = host;
    if (this.target.startsWith('/')) return true;
    if (this.method === 'CONNECT') return true;
    if (this.target === '*' && this.method === 'OPTIONS') return true;
    return this.#readAbsoluteTarget(host);
  }

  /** RFC 9112 §3.2.2: the target's authority counts; one that differs from Host is refused. */
  #readAbsoluteTarget(host: string): boolean {
    const [, authority, rest = ''] = /^https?:\/\/([^/?]*)(.*)$/i.exec(this.target) ?? [];
    if (authority === undefined) return this.#refuse('invalid-target');
    if (!isHost(authority) || !isSameHost(authority, host)) return this.#refuse('invalid-host');
    this.host = authority;
    this.target = rest.startsWith('/') ? rest : `/${rest}`;
    return true;
  }

  #refuse(breach: Breach): false {
    this.breach = breach;
    return false;
  }

  #fail(breach: Breach): number {
    this.breach = breach;
    return breached;
  }
}

/** A CR at the end of the bytes: its LF is still to come. */
const halfLine = -2;

/** The position of the first line that is not blank; `halfLine`; or -1 where there are too many. */
function skipBlankLines(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  for (let skipped = 0; skipped <= maxBlankLines; skipped += 1) {
    if (position >= end || byteAt(bytes, position) !== carriageReturn) return position;
    if (position + 1 >= end) return halfLine;
    if (byteAt(bytes, position + 1) !== lineFeed) return -1;
    position += 2;
  }
  return -1;
}

const versionShape = Buffer.from('HTTP/0.0', 'latin1');

function isVersionByte(byte: number, index: number): boolean {
  if (index === 5 || index === 7) return byte >= 0x30 && byte <= 0x39;
  return byte === byteAt(versionShape, index);
}

/** Spares a string for the two methods that most requests have. */
function methodName(bytes: Buffer, start: number, end: number): string {
  const first = byteAt(bytes, start);
  if (end - start === 3 && first === 0x47 && byteAt(bytes, start + 1) === 0x45) {
    if (byteAt(bytes, start + 2) === 0x54) return 'GET';
  }
  if (end - start === 4 && first === 0x50 && byteAt(bytes, start + 1) === 0x4f) {
    if (byteAt(bytes, start + 2) === 0x53 && byteAt(bytes, start + 3) === 0x54) return 'POST';
  }
  return bytes.toString('latin1', start, end);
}
