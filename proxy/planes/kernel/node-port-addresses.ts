import { BlockList } from 'node:net';
import type { IPFamily } from '../../../controller/objects/index.ts';
import { canonicalAddress, familyOf, parseCidr } from '../../compile/index.ts';
import type { NodeAddresses, NodePortAddresses } from './options.ts';

/**
 * This node's addresses of one family on which NodePorts are served; loopback never, as a kernel
 * plane cannot. CIDRs of the other family alone mean all addresses, as in kube-proxy.
 */
export function nodePortAddressesOf(
  family: IPFamily,
  wanted: NodePortAddresses,
  node: NodeAddresses,
): readonly string[] {
  const local = canonical(node.all(), family).filter((address) => !isLoopback(address));
  switch (wanted.kind) {
    case 'all':
      return local;
    case 'primary':
      return canonical(node.primary, family).slice(0, 1);
    case 'cidrs': {
      const own = wanted.cidrs
        .flatMap((text) => parseCidr(text) ?? [])
        .filter((one) => one.family === family);
      if (own.length === 0) return local;
      const list = new BlockList();
      const type = family === 'IPv6' ? 'ipv6' : 'ipv4';
      for (const { address, prefixLength } of own) list.addSubnet(address, prefixLength, type);
      return local.filter((address) => list.check(address, type));
    }
  }
}

function canonical(addresses: readonly string[], family: IPFamily): readonly string[] {
  const texts = addresses.flatMap((address) => canonicalAddress(address) ?? []);
  return [...new Set(texts)].filter((address) => familyOf(address) === family);
}

/** RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
