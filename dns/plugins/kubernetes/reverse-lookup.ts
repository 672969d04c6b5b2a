import {
  formatAddress,
  isWithin,
  type Name,
  readIPv4Reverse,
  readIPv6Reverse,
  reverseZones,
} from '../../wire/index.ts';
import type { ClusterView } from './cluster-view.ts';
import { endpointsOf } from './zone-index.ts';

/**
 * The names of the address that a reverse name stands for: a cluster IP has its Service's and no
 * other; an endpoint one for each Service that lists it. Undefined: no such name here.
 */
export function reverseLookup(
  lower: Name,
  view: ClusterView,
  domain: Name,
): readonly Name[] | undefined {
  const labels = lower.slice(0, -2);
  const read = isWithin(lower, reverseZones.IPv4)
    ? readIPv4Reverse(labels)
    : readIPv6Reverse(labels);
  if (read.kind !== 'address') return undefined;
  const address = formatAddress(read.octets);
  const service = view.serviceAt(address);
  if (service) return [[service.name, service.namespace, 'svc', ...domain]];
  const names = view.servicesBehind(address).flatMap((records) => {
    const own = endpointsOf(records).filter((endpoint) => endpoint.address === address);
    return [...new Set(own.map((endpoint) => view.nameOf(endpoint)))].map((label) => [
      label,
      records.name,
      records.namespace,
      'svc',
      ...domain,
    ]);
  });
  return names.length > 0 ? names : undefined;
}
