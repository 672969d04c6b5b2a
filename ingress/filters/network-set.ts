import { BlockList, isIPv6 } from 'node:net';
import { canonicalClientIP } from '../../proxy/balancer/index.ts';

/** Addresses and CIDRs. */
export class NetworkSet {
  readonly #list = new BlockList();
  readonly isEmpty: boolean;

  /** @throws RangeError on text that is neither */
  constructor(networks: readonly string[]) {
    this.isEmpty = networks.length === 0;
    for (const text of networks) {
      const [address = '', length] = text.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      if (length === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(length), family);
    }
  }

  has(address: string): boolean {
    if (this.isEmpty) return false;
    const canonical = canonicalClientIP(address);
    return this.#list.check(canonical, isIPv6(canonical) ? 'ipv6' : 'ipv4');
  }
}
