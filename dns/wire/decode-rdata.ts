import { WireError } from '../../controller/base/index.ts';
import { recordType } from './codes.ts';
import type { RecordData } from './message.ts';
import type { WireReader } from './reader.ts';

/**
 * Reads RDATA of `length` octets. @throws WireError `FORMERR` when it does not end where the
 * length says.
 */
export function decodeRdata(reader: WireReader, type: number, length: number): RecordData {
  const end = reader.at + length;
  const data = decodeKnown(reader, type, length, end);
  if (reader.at !== end) throw new WireError('FORMERR', 'record data and its length disagree');
  return data;
}

function decodeKnown(reader: WireReader, type: number, length: number, end: number): RecordData {
  switch (type) {
    case recordType.A:
      return address(reader, length, 4);
    case recordType.AAAA:
      return address(reader, length, 16);
    case recordType.CNAME:
    case recordType.NS:
    case recordType.PTR:
    case recordType.DNAME:
      return { kind: 'Target', target: reader.name() };
    case recordType.SOA:
      return {
        kind: 'SOA',
        mname: reader.name(),
        rname: reader.name(),
        serial: reader.u32(),
        refreshSec: reader.u32(),
        retrySec: reader.u32(),
        expireSec: reader.u32(),
        minimumSec: reader.u32(),
      };
    case recordType.MX:
      return { kind: 'MX', preference: reader.u16(), exchange: reader.name() };
    case recordType.SRV:
      return {
        kind: 'SRV',
        priority: reader.u16(),
        weight: reader.u16(),
        port: reader.u16(),
        target: reader.name(),
      };
    case recordType.TXT:
    case recordType.HINFO:
      return { kind: 'Strings', strings: strings(reader, end) };
    default:
      return { kind: 'Opaque', octets: reader.view(length) };
  }
}

function address(reader: WireReader, length: number, expected: number): RecordData {
  if (length !== expected) throw new WireError('FORMERR', `address of ${length} octets`);
  return { kind: 'Address', octets: reader.view(length) };
}

function strings(reader: WireReader, end: number): readonly string[] {
  const found: string[] = [];
  while (reader.at < end) found.push(reader.string());
  return found;
}
