import { BlockList, isIP } from 'node:net';

/** The CIDRs of `loadBalancerSourceRanges`. */
export class SourceRanges {
  readonly #list = new BlockList();

  /** An entry that is no CIDR lets nobody in: the compiler has told the user about it. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) this.#add(cidr);
  }

  /** `address` as the kernel prints it, with or without a zone. */
  contains(address: string): boolean {
    const [bare = ''] = address.split('%', 1);
    const version = isIP(bare);
    return version !== 0 && this.#list.check(bare, version === 6 ? 'ipv6' : 'ipv4');
  }

  #add(cidr: string): void {
    const [network = '', prefix = ''] = cidr.trim().split('/');
    const version = isIP(network);
    const bits = version === 6 ? 128 : 32;
    if (version === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return;
    this.#list.addSubnet(network, Number(prefix), version === 6 ? 'ipv6' : 'ipv4');
  }
}
