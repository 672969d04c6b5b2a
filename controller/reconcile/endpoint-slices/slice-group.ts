import type { EndpointSlice, SliceEndpoint, SlicePort } from '../../objects/index.ts';

/** An endpoint, with its share if it was given one. */
export interface WeightedEndpoint {
  readonly endpoint: SliceEndpoint;
  readonly weight: number | undefined;
}

/** Endpoints that may stand in one slice: one address family, the same ports. */
export interface SliceGroup {
  readonly addressType: 'IPv4' | 'IPv6';
  readonly ports: readonly SlicePort[];
  /** By first address; the order is that in which new slices are filled. */
  readonly endpoints: Map<string, WeightedEndpoint>;
}

/** Groups by `groupKey`. */
export class SliceGroups {
  readonly byKey: Map<string, SliceGroup> = new Map();

  add(
    addressType: 'IPv4' | 'IPv6',
    ports: readonly SlicePort[],
    endpoint: SliceEndpoint,
    weight: number | undefined,
  ): void {
    const [address] = endpoint.addresses;
    if (address === undefined) return;
    const { endpoints } = this.ensure(addressType, ports);
    if (!endpoints.has(address)) endpoints.set(address, { endpoint, weight });
  }

  /** The group, empty if it is new. */
  ensure(addressType: 'IPv4' | 'IPv6', ports: readonly SlicePort[]): SliceGroup {
    const key = groupKey(addressType, ports);
    const known = this.byKey.get(key);
    if (known) return known;
    const group = { addressType, ports, endpoints: new Map<string, WeightedEndpoint>() };
    this.byKey.set(key, group);
    return group;
  }
}

/** Equal for slices that can hold each other's endpoints. */
export function groupKey(
  addressType: EndpointSlice['addressType'],
  ports: readonly SlicePort[] = [],
): string {
  const texts = ports.map(
    ({ name = '', port = 0, protocol = 'TCP', appProtocol = '' }) =>
      `${name} ${port} ${protocol} ${appProtocol}`,
  );
  return [addressType, ...texts].join(',');
}
