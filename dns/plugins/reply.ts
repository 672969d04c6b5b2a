import { ednsOption, type EdnsOption } from '../wire/index.ts';
import type { Reply } from './plugin.ts';

/** A reply with everything unset but what is given. */
export function replyWith(plugin: string, fields: Partial<Reply>): Reply {
  return {
    rcode: 0,
    authoritative: false,
    recursionAvailable: false,
    authenticData: false,
    truncated: false,
    answers: [],
    authorities: [],
    additionals: [],
    options: [],
    plugin,
    ...fields,
  };
}

/** Says why there is no better answer (RFC 8914): `dig` shows it. */
export function extendedError(code: number, text: string): EdnsOption {
  const octets = Buffer.alloc(2 + Buffer.byteLength(text));
  octets.writeUInt16BE(code);
  octets.write(text, 2);
  return { code: ednsOption.EDE, octets };
}
