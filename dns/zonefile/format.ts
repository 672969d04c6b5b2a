import {
  formatAddress,
  formatName,
  formatType,
  type RecordData,
  type ResourceRecord,
} from '../wire/index.ts';

/** `web.shop.svc.cluster.local. 5 A 10.96.0.10`: as dig prints it, class left out. */
export function formatRecord(record: ResourceRecord): string {
  const { name, ttlSec, type, data } = record;
  return `${formatName(name)} ${ttlSec} ${formatType(type)} ${formatData(data)}`;
}

function formatData(data: RecordData): string {
  switch (data.kind) {
    case 'Address':
      return formatAddress(data.octets);
    case 'Target':
      return formatName(data.target);
    case 'SOA': {
      const { refreshSec, retrySec, expireSec, minimumSec } = data;
      const names = `${formatName(data.mname)} ${formatName(data.rname)}`;
      return `${names} ${data.serial} ${refreshSec} ${retrySec} ${expireSec} ${minimumSec}`;
    }
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
