import type { RecordData } from './message.ts';
import type { WireWriter } from './writer.ts';

/** Writes RDATA without its length. Names of RFC 1035 types are compressed, SRV's is not. */
export function encodeRdata(writer: WireWriter, data: RecordData): void {
  switch (data.kind) {
    case 'Address':
    case 'Opaque':
      writer.octets(data.octets);
      return;
    case 'Target':
      writer.name(data.target);
      return;
    case 'SOA':
      writer.name(data.mname);
      writer.name(data.rname);
      writer.u32(data.serial);
      writer.u32(data.refreshSec);
      writer.u32(data.retrySec);
      writer.u32(data.expireSec);
      writer.u32(data.minimumSec);
      return;
    case 'MX':
      writer.u16(data.preference);
      writer.name(data.exchange);
      return;
    case 'SRV':
      writer.u16(data.priority);
      writer.u16(data.weight);
      writer.u16(data.port);
      writer.name(data.target, false);
      return;
    case 'Strings':
      for (const string of data.strings) writer.string(string);
  }
}
