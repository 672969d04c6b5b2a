import type { Link } from '../link/link.ts';
import type { Tracking, VirtualRouterSpec } from './virtual-router.ts';

/**
 * Where adverts come from. IPv4: the first address that is not virtual. IPv6: link-local, as
 * RFC 9568 §5.1.2.1 demands. Undefined while the interface has none.
 */
export function sourceAddress(spec: VirtualRouterSpec, link: Link): string | undefined {
  if (spec.sourceAddress !== undefined) return spec.sourceAddress;
  const { family, priority } = spec;
  const held = new Set(heldAddresses(spec).map(({ address }) => address));
  return link.interface(spec.interface)?.addresses.find(({ address, tentative }) => {
    if (address.includes(':') !== (family === 'IPv6') || tentative) return false;
    if (family === 'IPv6') return /^fe[89ab]/.test(address) && !held.has(address);
    return priority === 255 || !held.has(address);
  })?.address;
}

/** Everything that is held while Active, advertised or not. */
export function heldAddresses(spec: VirtualRouterSpec): VirtualRouterSpec['addresses'] {
  return [...spec.addresses, ...spec.excludedAddresses];
}

/** What trackers add to the priority. */
export function trackedWeight(spec: VirtualRouterSpec, link: Link, tracking: Tracking): number {
  let sum = tracking.weight;
  for (const { name, weight } of spec.trackInterfaces) {
    const up = link.interface(name)?.up ?? false;
    if (up === weight > 0) sum += weight;
  }
  return sum;
}

/** Why this node can take no part; undefined: it can. */
export function faultOf(
  spec: VirtualRouterSpec,
  link: Link,
  tracking: Tracking,
  source: string | undefined,
): string | undefined {
  const found = link.interface(spec.interface);
  if (!found) return `there is no interface ${spec.interface}`;
  if (!found.up) return `interface ${spec.interface} is down`;
  if (source === undefined) return `${spec.interface} has no address to send from`;
  for (const { name, weight } of spec.trackInterfaces) {
    if (weight === 0 && !link.interface(name)?.up) return `interface ${name} is down`;
  }
  return tracking.fault;
}
