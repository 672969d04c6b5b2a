import { recordType } from './codes.ts';
import { encodeRdata } from './encode-rdata.ts';
import type { Edns, Flags, Message, ResourceRecord } from './message.ts';
import { WireWriter } from './writer.ts';

/** A DNS message over TCP carries its length in 16 bits (RFC 1035 §4.2.2). */
export const maxMessageOctets = 65535;

// The record that goes over the limit is written before it is taken back: room for one of full
// size (owner, fixed part, RDATA) after a full message. One buffer serves all, as encoding is
// synchronous and its result a copy.
const writer = new WireWriter(2 * maxMessageOctets + 512);

/**
 * Writes a message of at most `maxOctets`. What does not fit is cut in whole records from the
 * end, and TC is set; OPT is always kept. Names are compressed without regard to case.
 * @throws RangeError when a field is out of its range, or header, question and OPT alone are
 * longer than `maxOctets`
 */
export function encodeMessage(message: Message, maxOctets: number = maxMessageOctets): Buffer {
  const { edns } = message;
  const limit = maxOctets - (edns ? optOctets(edns) : 0);
  writer.reset();
  writeHeader(message);
  for (const question of message.questions) {
    writer.name(question.name);
    writer.u16(question.type);
    writer.u16(question.class);
  }
  if (writer.at > limit) throw new RangeError(`question does not fit in ${maxOctets} octets`);
  const sections = [message.answers, message.authorities, message.additionals];
  const counts = [0, 0, 0];
  let cut = false;
  for (let i = 0; i < sections.length && !cut; i += 1) {
    const records = sections[i] ?? [];
    counts[i] = writeRecords(records, limit);
    cut = counts[i] !== records.length;
  }
  if (edns) {
    writeOpt(edns, message.rcode);
    counts[2] = (counts[2] ?? 0) + 1;
  }
  for (const [i, count] of counts.entries()) writer.patchU16(6 + 2 * i, count);
  if (cut) writer.patchU16(2, flagBits({ ...message, truncated: true }));
  return writer.finish();
}

function writeHeader(message: Message): void {
  writer.u16(message.id);
  writer.u16(flagBits(message));
  writer.u16(message.questions.length);
  writer.u16(0);
  writer.u32(0);
}

/** The second 16 bits of a header. */
export function flagBits(
  message: Flags & { readonly opcode: number; readonly rcode: number },
): number {
  return (
    (message.response ? 0x8000 : 0) |
    ((message.opcode & 0xf) << 11) |
    (message.authoritative ? 0x0400 : 0) |
    (message.truncated ? 0x0200 : 0) |
    (message.recursionDesired ? 0x0100 : 0) |
    (message.recursionAvailable ? 0x0080 : 0) |
    (message.authenticData ? 0x0020 : 0) |
    (message.checkingDisabled ? 0x0010 : 0) |
    (message.rcode & 0xf)
  );
}

/** How many of `records` fit. */
function writeRecords(records: readonly ResourceRecord[], limit: number): number {
  let written = 0;
  for (const record of records) {
    const start = writer.at;
    writer.name(record.name);
    writer.u16(record.type);
    writer.u16(record.class);
    writer.u32(record.ttlSec);
    const lengthAt = writer.at;
    writer.u16(0);
    encodeRdata(writer, record.data);
    writer.patchU16(lengthAt, writer.at - lengthAt - 2);
    if (writer.at > limit) {
      writer.rewind(start);
      return written;
    }
    written += 1;
  }
  return written;
}

function optOctets(edns: Edns): number {
  return 11 + edns.options.reduce((sum, option) => sum + 4 + option.octets.length, 0);
}

function writeOpt(edns: Edns, rcode: number): void {
  writer.u8(0); // the root
  writer.u16(recordType.OPT);
  writer.u16(edns.udpPayloadSize);
  writer.u8(rcode >> 4);
  writer.u8(edns.version);
  writer.u16(edns.dnssecOk ? 0x8000 : 0);
  writer.u16(optOctets(edns) - 11);
  for (const option of edns.options) {
    writer.u16(option.code);
    writer.u16(option.octets.length);
    writer.octets(option.octets);
  }
}
