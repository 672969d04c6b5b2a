import { WireError } from '../../controller/base/index.ts';
import {
  decodeHeader,
  decodeMessage,
  type Header,
  type Message,
  opcode,
  rcode,
} from '../wire/index.ts';

/** What octets from a client turn out to be. */
export type Judgement =
  /** Not worth a reply: answering answers would let two servers talk for ever. */
  | { readonly kind: 'silence' }
  /** Answered with the header alone. */
  | { readonly kind: 'rejected'; readonly header: Header; readonly rcode: number }
  | { readonly kind: 'query'; readonly header: Header; readonly message: Message };

const silence: Judgement = { kind: 'silence' };

/** Reads a message as far as its sender deserves. Never throws. */
export function judgeMessage(octets: Buffer): Judgement {
  const header = decodeHeader(octets);
  if (!header || header.response) return silence;
  if (header.opcode !== opcode.QUERY && header.opcode !== opcode.NOTIFY) {
    return { kind: 'rejected', header, rcode: rcode.NOTIMP };
  }
  const { questions, answers, authorities, additionals } = header.counts;
  // NOTIFY and IXFR carry a SOA; OPT and TSIG are all that belongs in Additional.
  if (questions !== 1 || answers > 1 || authorities > 1 || additionals > 2) {
    return { kind: 'rejected', header, rcode: rcode.FORMERR };
  }
  try {
    return { kind: 'query', header, message: decodeMessage(octets) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { kind: 'rejected', header, rcode: rcode.FORMERR };
  }
}

/** Id, opcode and RD as they came; no section. */
export function headerReply(header: Header, rcode: number): Buffer {
  const octets = Buffer.alloc(12);
  octets.writeUInt16BE(header.id, 0);
  octets.writeUInt16BE(0x8000 | (header.flags & 0x7900) | rcode, 2);
  return octets;
}
