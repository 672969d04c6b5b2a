import { nameOctets, type RecordData, type ResourceRecord } from '../../wire/index.ts';

/** Below what a message may have, since names are counted as if nothing were compressed. */
const maxOctets = 60_000;
/** Type, class, TTL and length (RFC 1035 §4.1.3). */
const fixedOctets = 10;

/** Cuts the records of a transfer into messages; each holds at least one. */
export function batches(
  records: readonly ResourceRecord[],
): readonly (readonly ResourceRecord[])[] {
  const found: ResourceRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const octets = nameOctets(record.name) + fixedOctets + dataOctets(record.data);
    const last = found.at(-1);
    if (last && octets <= room) last.push(record);
    else {
      found.push([record]);
      room = maxOctets;
    }
    room -= octets;
  }
  return found;
}

function dataOctets(data: RecordData): number {
  switch (data.kind) {
    case 'Address':
    case 'Opaque':
      return data.octets.length;
    case 'Target':
      return nameOctets(data.target);
    case 'SOA':
      return nameOctets(data.mname) + nameOctets(data.rname) + 20;
    case 'MX':
      return 2 + nameOctets(data.exchange);
    case 'SRV':
      return 6 + nameOctets(data.target);
    case 'Strings':
      return data.strings.reduce((sum, text) => sum + 1 + text.length, 0);
  }
}
