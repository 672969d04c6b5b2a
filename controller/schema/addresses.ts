import { BlockList, isIP } from 'node:net';
import type { IPFamily } from '../objects/index.ts';

/** Family of an address literal; undefined for anything else, zones (`fe80::1%eth0`) included. */
export function familyOf(address: string): IPFamily | undefined {
  if (address.includes('%')) return undefined;
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? 'IPv4' : 'IPv6';
}

/** True for `address/bits` with as many bits as the family has at most. */
export function isCIDR(text: string): boolean {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (match?.[1] === undefined) return false;
  const family = familyOf(match[1]);
  return family !== undefined && Number(match[2]) <= (family === 'IPv4' ? 32 : 128);
}

type Purpose = 'unspecified' | 'loopback' | 'link-local' | 'multicast';

/** RFC 6890; the names are those of the API server's messages. */
const special: readonly (readonly [Purpose, BlockList])[] = [
  ['unspecified', listOf(['0.0.0.0', 32], ['::', 128])],
  ['loopback', listOf(['127.0.0.0', 8], ['::1', 128])],
  ['link-local', listOf(['169.254.0.0', 16], ['fe80::', 10], ['224.0.0.0', 24], ['ff02::', 16])],
  ['multicast', listOf(['224.0.0.0', 4], ['ff00::', 8])],
];

/**
 * Why an address can't be that of an endpoint: a cluster has no use for addresses that mean
 * something else on every node. Without a cluster (`clusterless`) loopback and link-local
 * addresses are where endpoints are, so they are fine.
 */
export function unfitForEndpoint(address: string, clusterless: boolean): Purpose | undefined {
  const family = familyOf(address) === 'IPv6' ? 'ipv6' : 'ipv4';
  const found = special.find(([, list]) => list.check(address, family))?.[0];
  if (clusterless && (found === 'loopback' || found === 'link-local')) {
    return special[3]?.[1].check(address, family) === true ? 'multicast' : undefined;
  }
  return found;
}

function listOf(...subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, bits] of subnets) list.addSubnet(net, bits, isIP(net) === 6 ? 'ipv6' : 'ipv4');
  return list;
}
