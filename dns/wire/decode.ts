import { WireError } from '../../controller/base/index.ts';
import { recordType } from './codes.ts';
import { decodeRdata } from './decode-rdata.ts';
import type { Edns, EdnsOption, Message, Question, ResourceRecord } from './message.ts';
import { WireReader } from './reader.ts';

/** RFC 1035 §4.1.1. */
export const headerOctets = 12;

/** The header alone, to judge a message before its body is read. */
export interface Header {
  readonly id: number;
  /** The second 16 bits, as they are. */
  readonly flags: number;
  readonly response: boolean;
  readonly opcode: number;
  readonly counts: {
    readonly questions: number;
    readonly answers: number;
    readonly authorities: number;
    readonly additionals: number;
  };
}

/** Undefined when there are fewer than 12 octets. */
export function decodeHeader(octets: Buffer): Header | undefined {
  if (octets.length < headerOctets) return undefined;
  const flags = octets.readUInt16BE(2);
  return {
    id: octets.readUInt16BE(0),
    flags,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    counts: {
      questions: octets.readUInt16BE(4),
      answers: octets.readUInt16BE(6),
      authorities: octets.readUInt16BE(8),
      additionals: octets.readUInt16BE(10),
    },
  };
}

/**
 * Reads a whole message. Octets after the last record are ignored. Opaque data and addresses are
 * views of `octets`: who reuses that buffer copies first.
 * @throws WireError `FORMERR`
 */
export function decodeMessage(octets: Buffer): Message {
  const header = decodeHeader(octets);
  if (!header) throw new WireError('FORMERR', 'message ends early');
  const { flags, counts } = header;
  const reader = new WireReader(octets, headerOctets);
  const questions: Question[] = [];
  for (let i = 0; i < counts.questions; i += 1) questions.push(decodeQuestion(reader));
  const answers = decodeSection(reader, counts.answers);
  const authorities = decodeSection(reader, counts.authorities);
  const additionals = decodeSection(reader, counts.additionals);
  if (answers.opt || authorities.opt) throw new WireError('FORMERR', 'OPT outside Additional');
  const { opt } = additionals;
  return {
    id: header.id,
    opcode: header.opcode,
    rcode: ((opt?.extendedRcode ?? 0) << 4) | (flags & 0xf),
    response: header.response,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    authenticData: (flags & 0x0020) !== 0,
    checkingDisabled: (flags & 0x0010) !== 0,
    questions,
    answers: answers.records,
    authorities: authorities.records,
    additionals: additionals.records,
    edns: opt?.edns,
  };
}

function decodeQuestion(reader: WireReader): Question {
  return { name: reader.name(), type: reader.u16(), class: reader.u16() };
}

interface Opt {
  readonly edns: Edns;
  /** The upper eight bits. */
  readonly extendedRcode: number;
}

interface Section {
  readonly records: readonly ResourceRecord[];
  readonly opt: Opt | undefined;
}

const emptySection: Section = { records: [], opt: undefined };

// A count that lies costs nothing: the first record that is not there ends the reading.
function decodeSection(reader: WireReader, count: number): Section {
  if (count === 0) return emptySection;
  const records: ResourceRecord[] = [];
  let opt: Opt | undefined;
  for (let i = 0; i < count; i += 1) {
    const name = reader.name();
    const type = reader.u16();
    if (type === recordType.OPT) {
      if (opt) throw new WireError('FORMERR', 'more than one OPT record (RFC 6891 §6.1.1)');
      if (name.length > 0) throw new WireError('FORMERR', 'OPT record not owned by the root');
      opt = decodeOpt(reader);
      continue;
    }
    const recordClass = reader.u16();
    const ttlSec = reader.u32();
    const data = decodeRdata(reader, type, reader.u16());
    // RFC 2181 §8: a TTL with the top bit set counts as zero.
    records.push({
      name,
      type,
      class: recordClass,
      ttlSec: ttlSec > 0x7fffffff ? 0 : ttlSec,
      data,
    });
  }
  return { records, opt };
}

function decodeOpt(reader: WireReader): Opt {
  const udpPayloadSize = reader.u16();
  const extendedRcode = reader.u8();
  const version = reader.u8();
  const dnssecOk = (reader.u16() & 0x8000) !== 0;
  const length = reader.u16();
  const end = reader.at + length;
  const options: EdnsOption[] = [];
  while (reader.at < end) options.push({ code: reader.u16(), octets: reader.view(reader.u16()) });
  if (reader.at !== end) throw new WireError('FORMERR', 'EDNS options and their length disagree');
  return { edns: { udpPayloadSize, version, dnssecOk, options }, extendedRcode };
}
