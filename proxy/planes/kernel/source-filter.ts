import { BlockList } from 'node:net';
import { type Cidr, familyOf } from '../../compile/index.ts';

/**
 * Which sources reach a load-balancer address: ranges that do not overlap, as nft wants them.
 * Undefined: everybody. A node that holds the address itself reaches it with that very address as
 * source; it is let in if the ranges let in one of the node's primary addresses.
 */
export function sourceFilter(
  ranges: readonly Cidr[],
  loadBalancerIPs: readonly string[],
  nodeAddresses: readonly string[],
): readonly string[] | undefined {
  if (ranges.length === 0) return undefined;
  // A range of everything needs no rule, and nft takes no /0 inside a set.
  if (ranges.some(({ prefixLength }) => prefixLength === 0)) return undefined;
  const list = new BlockList();
  const kept: string[] = [];
  const within = (address: string): boolean =>
    list.check(address, familyOf(address) === 'IPv6' ? 'ipv6' : 'ipv4');
  // Widest first: a narrower one inside it adds nothing, and nft refuses overlaps.
  for (const { address, prefixLength, family, text } of ranges.toSorted(
    (a, b) => a.prefixLength - b.prefixLength,
  )) {
    if (within(address)) continue;
    list.addSubnet(address, prefixLength, family === 'IPv6' ? 'ipv6' : 'ipv4');
    kept.push(text);
  }
  if (!nodeAddresses.some(within)) return kept;
  return [...kept, ...loadBalancerIPs.filter((address) => !within(address))];
}
