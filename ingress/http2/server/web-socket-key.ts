import { createHash, randomBytes } from 'node:crypto';
import { field, type HeadFields } from '../../http1/index.ts';

/** RFC 6455 §1.3. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A key for an endpoint of HTTP/1.1: HTTP/2 does without (RFC 8441 §5). */
export function webSocketKey(): string {
  return randomBytes(16).toString('base64');
}

/** Whether a 101 answers the request that had this key. */
export function acceptsKey(fields: HeadFields, key: string): boolean {
  const wanted = createHash('sha1').update(`${key}${guid}`).digest('base64');
  for (let index = 0; index < fields.count; index += 1) {
    if (fields.id(index) !== field.other) continue;
    if (fields.name(index).toLowerCase() === 'sec-websocket-accept') {
      return fields.value(index) === wanted;
    }
  }
  return false;
}
