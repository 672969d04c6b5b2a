import {
  formatAddress,
  formatName,
  formatRcode,
  formatType,
  type Message,
  type ResourceRecord,
} from '../../dns/wire/index.ts';

/** `web.shop.svc.cluster.local. 5 A 10.96.0.10`: as dig prints it, class left out. */
export function formatRecord(record: ResourceRecord): string {
  return `${formatName(record.name)} ${record.ttlSec} ${formatType(record.type)} ${data(record)}`;
}

function data({ data }: ResourceRecord): string {
  switch (data.kind) {
    case 'Address':
      return formatAddress(data.octets);
    case 'Target':
      return formatName(data.target);
    case 'SOA':
      return [
        formatName(data.mname),
        formatName(data.rname),
        data.serial,
        data.refreshSec,
        data.retrySec,
        data.expireSec,
        data.minimumSec,
      ].join(' ');
    case 'MX':
      return `${data.preference} ${formatName(data.exchange)}`;
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${formatName(data.target)}`;
    case 'Strings':
      return data.strings.map((text) => `"${text}"`).join(' ');
    case 'Opaque':
      return `\\# ${data.octets.length} ${data.octets.toString('hex')}`;
  }
}

/** A message as a table row has it; empty sections are left out. */
export interface Answer {
  readonly rcode: string;
  readonly flags: string;
  readonly answers?: readonly string[];
  readonly authorities?: readonly string[];
  readonly additionals?: readonly string[];
}

export function formatAnswer(message: Message): Answer {
  const flags = [
    message.authoritative && 'aa',
    message.truncated && 'tc',
    message.recursionDesired && 'rd',
    message.recursionAvailable && 'ra',
    message.authenticData && 'ad',
    message.checkingDisabled && 'cd',
  ].filter(Boolean);
  const section = (name: string, records: readonly ResourceRecord[]): object =>
    records.length > 0 ? { [name]: records.map(formatRecord) } : {};
  return {
    rcode: formatRcode(message.rcode),
    flags: flags.join(' '),
    ...section('answers', message.answers),
    ...section('authorities', message.authorities),
    ...section('additionals', message.additionals),
  };
}
