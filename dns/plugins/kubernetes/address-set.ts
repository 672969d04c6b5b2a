import type { EndpointRecord, ServiceRecords } from '../../compile/index.ts';
import { parseAddress, type RecordData } from '../../wire/index.ts';
import { endpointName } from './endpoint-name.ts';
import { endpointsOf } from './zone-index.ts';

/** Addresses by the record type that carries them, as they go on the wire. */
export interface AddressSet {
  readonly A: readonly RecordData[];
  readonly AAAA: readonly RecordData[];
}

/** Each address once, in the order given. Text that is no address is left out. */
export function addressSet(addresses: Iterable<string>): AddressSet {
  const A: RecordData[] = [];
  const AAAA: RecordData[] = [];
  for (const address of new Set(addresses)) {
    const octets = parseAddress(address);
    if (octets) (octets.length === 4 ? A : AAAA).push({ kind: 'Address', octets });
  }
  return { A, AAAA };
}

/** The endpoints that share a name, and their addresses. */
export interface EndpointGroup {
  readonly endpoints: readonly EndpointRecord[];
  readonly addresses: AddressSet;
}

/** What is asked of a Service again and again, worked out once. */
export interface PreparedService {
  /** At the Service's own name. */
  readonly addresses: AddressSet;
  readonly byEndpointName: ReadonlyMap<string, EndpointGroup>;
}

/** Works a Service out; `podNames` as for `endpointName`. */
export function prepareService(records: ServiceRecords, podNames: boolean): PreparedService {
  const endpoints = endpointsOf(records);
  const own =
    records.target.kind === 'ClusterIP'
      ? records.target.addresses
      : endpoints.map(({ address }) => address);
  const byEndpointName = new Map<string, EndpointGroup>();
  const groups = Map.groupBy(endpoints, (endpoint) => endpointName(endpoint, podNames));
  for (const [name, group] of groups) {
    byEndpointName.set(name, {
      endpoints: group,
      addresses: addressSet(group.map(({ address }) => address)),
    });
  }
  return { addresses: addressSet(own), byEndpointName };
}
