import {
  classIN,
  decodeMessage,
  ednsOption,
  encodeMessage,
  type Message,
  type Name,
  opcode,
  rcode,
  recordType,
  sameName,
} from '../../wire/index.ts';
import type { Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** What an upstream may send over UDP: fits a packet on any path (DNS flag day 2020). */
const udpPayloadSize = 1232;

/** Between neighbours alone; they mean nothing one hop further (RFC 7873, 7828, 7830). */
const hopByHop: ReadonlySet<number> = new Set([
  ednsOption.COOKIE,
  ednsOption.TCP_KEEPALIVE,
  ednsOption.PADDING,
]);

/** The client's question under an id of our own; its OPT goes along, if it sent one. */
export function encodeRequest(query: Query, id: number): Buffer {
  return encodeMessage({
    ...bareQuery(id),
    recursionDesired: query.recursionDesired,
    authenticData: query.authenticData,
    checkingDisabled: query.checkingDisabled,
    questions: [{ name: query.name, type: query.type, class: query.class }],
    edns: query.edns && {
      udpPayloadSize,
      version: 0,
      dnssecOk: query.edns.dnssecOk,
      options: query.edns.options.filter(({ code }) => !hopByHop.has(code)),
    },
  });
}

/** A question that only shows whether somebody answers. */
export function encodeCheck(name: Name, recursionDesired: boolean, id: number): Buffer {
  return encodeMessage({
    ...bareQuery(id),
    recursionDesired,
    questions: [{ name, type: recordType.NS, class: classIN }],
  });
}

function bareQuery(id: number): Message {
  return {
    id,
    opcode: opcode.QUERY,
    rcode: rcode.NOERROR,
    response: false,
    authoritative: false,
    truncated: false,
    recursionDesired: false,
    recursionAvailable: false,
    authenticData: false,
    checkingDisabled: false,
    questions: [],
    answers: [],
    authorities: [],
    additionals: [],
    edns: undefined,
  };
}

/** The message, if it answers `query` asked under `id`; a forger has to get all of it right. */
export function decodeAnswer(octets: Buffer, query: Query, id: number): Message | undefined {
  if (octets.length < 12 || octets.readUInt16BE(0) !== id) return undefined;
  let message: Message;
  try {
    message = decodeMessage(octets);
  } catch {
    // Whoever wrote it, it answers nothing: the attempt waits on and times out.
    return undefined;
  }
  const [question] = message.questions;
  const answers =
    message.response &&
    message.questions.length === 1 &&
    question !== undefined &&
    question.type === query.type &&
    question.class === query.class &&
    sameName(question.name, query.name);
  // Some servers send FORMERR or NOTIMP with the header alone; it still matches the id.
  const bare = message.response && message.questions.length === 0 && message.rcode !== 0;
  return answers || bare ? message : undefined;
}

/** What the client is told: the upstream's word, as it is. */
export function replyFrom(message: Message, query: Query): Reply {
  return replyWith('forward', {
    // An extended code that is about the upstream's OPT says nothing of the client's.
    rcode: message.rcode > 15 ? rcode.SERVFAIL : message.rcode,
    authoritative: message.authoritative,
    recursionAvailable: message.recursionAvailable,
    // RFC 6840 §5.8: only for clients that said they understand it.
    authenticData: message.authenticData && (query.authenticData || !!query.edns?.dnssecOk),
    truncated: message.truncated,
    answers: message.answers,
    authorities: message.authorities,
    additionals: message.additionals,
  });
}
