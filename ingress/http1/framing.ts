import type { Breach } from './breach.ts';
import { field } from './field-names.ts';
import type { HeadFields } from './head-fields.ts';

/**
 * How long a body is: its bytes where that is known, or one of the two below. Plain numbers, so
 * that hot objects keep one shape.
 */
export type BodyLength = number;
export const chunkedBody: BodyLength = -1;
/** Only of responses: up to the end of the connection. */
export const untilClose: BodyLength = -2;
/** No framing field at all. */
export const unframed: BodyLength = -3;

/**
 * Reads Content-Length and Transfer-Encoding in the strict sense of RFC 9112 §6: where two
 * readers could differ, the message is refused.
 */
export function readFraming(fields: HeadFields, isVersion10: boolean): BodyLength | Breach {
  let length: string | undefined;
  let coding: string | undefined;
  let codings = 0;
  for (let index = 0; index < fields.count; index += 1) {
    const id = fields.id(index);
    if (id === field.contentLength) {
      const value = fields.value(index);
      if (length !== undefined && value !== length) return 'invalid-content-length';
      length = value;
    } else if (id === field.transferEncoding) {
      coding = fields.value(index);
      codings += 1;
    }
  }
  if (coding !== undefined) return readCoding(coding, codings, length !== undefined, isVersion10);
  return length === undefined ? unframed : parseLength(length);
}

function readCoding(
  coding: string,
  lines: number,
  hasLength: boolean,
  isVersion10: boolean,
): BodyLength | Breach {
  if (isVersion10) return 'transfer-encoding-in-1.0';
  if (hasLength) return 'both-framings';
  if (lines > 1) return 'invalid-transfer-encoding';
  if (coding === 'chunked' || coding.toLowerCase() === 'chunked') return chunkedBody;
  // A list that is not one in good order, or has `chunked` anywhere but last and once.
  // Not `trim`, which takes NBSP and more for space.
  const names = coding.toLowerCase().split(/[ \t]*,[ \t]*/);
  const isSound = names.every((name) => /^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name));
  const chunkedAt = names.indexOf('chunked');
  if (!isSound || (chunkedAt >= 0 && chunkedAt !== names.length - 1)) {
    return 'invalid-transfer-encoding';
  }
  return 'transfer-coding';
}

/** 1 to 16 digits, and no more than a double holds exactly. */
function parseLength(text: string): BodyLength | Breach {
  if (text.length === 0 || text.length > 16) return 'invalid-content-length';
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return 'invalid-content-length';
    length = length * 10 + digit;
  }
  return length > Number.MAX_SAFE_INTEGER ? 'invalid-content-length' : length;
}
