import type { IPFamily, Protocol } from '../../../controller/objects/index.ts';
import { parseCidr } from '../../compile/index.ts';
import type { ChainNames } from './chain-names.ts';
import type { SharedChain } from './shared-chains.ts';

/*
 * Addresses are looked up in a tree of chains by prefix, so that a packet passes some hundred rules
 * and not one for each Service, and a change writes one leaf. Two levels of eight bits fit how
 * ClusterIPs are given out: from one range of a few thousand addresses.
 */
const prefixLengths: Readonly<Record<IPFamily, readonly [wide: number, narrow: number]>> = {
  IPv4: [16, 24],
  IPv6: [112, 120],
};

/** NodePorts that share a leaf. */
const portsPerLeaf = 256;

export interface DispatchOptions {
  readonly family: IPFamily;
  /** Mark and its mask, as `0x4000`. */
  readonly mark: string;
  /**
   * Which ClusterIP traffic is masqueraded: '' all, undefined none, else a match with a blank in
   * front.
   */
  readonly masqueraded: string | undefined;
  /** Rules that lead to NodePorts. */
  readonly toNodePorts: readonly string[];
}

/** The chains that lead to Service ports, from the hooks down to the leaves. */
export class Dispatch {
  readonly services: SharedChain;
  readonly nodePorts: SharedChain;
  readonly unserved: SharedChain;
  readonly firewall: SharedChain;
  readonly healthChecks: SharedChain;
  readonly options: DispatchOptions;
  readonly #names: ChainNames;

  constructor(names: ChainNames, options: DispatchOptions) {
    this.#names = names;
    this.options = options;
    this.services = { table: 'nat', name: names.services, last: options.toNodePorts };
    this.nodePorts = { table: 'nat', name: names.nodePorts };
    this.unserved = { table: 'filter', name: names.unserved };
    this.firewall = { table: 'filter', name: names.firewall };
    this.healthChecks = { table: 'filter', name: names.healthChecks };
  }

  /** Those that are there even with nothing in them. */
  get permanent(): readonly SharedChain[] {
    return [this.services, this.nodePorts, this.unserved, this.firewall, this.healthChecks];
  }

  /** Where rules for a ClusterIP stand, behind the one that marks what is to be masqueraded. */
  clusterIP(address: string): SharedChain {
    const { masqueraded, mark } = this.options;
    const first =
      masqueraded === undefined
        ? []
        : [`${masqueraded.trim()} -j ${this.#names.markMasquerade}`.trim()];
    // What was no Service's goes on without the mark.
    const last = masqueraded === undefined ? [] : [`-j MARK --set-xmark 0x0/${mark}`];
    return this.#leaf(this.services, 'C', address, { first, last });
  }

  /** The same for an address from outside: external IPs and load balancers. */
  external(address: string): SharedChain {
    return this.#leaf(this.services, 'X', address);
  }

  /** Where rules that refuse or drop what goes to an address stand. */
  refused(address: string): SharedChain {
    return this.#leaf(this.unserved, 'U', address);
  }

  nodePort(protocol: Protocol, port: number): SharedChain {
    const from = port - (port % portsPerLeaf);
    const word = protocol.toLowerCase();
    const name = this.#names.leaf('N', `${word}-${from}`);
    const rule = `-p ${word} -m ${word} --dport ${from}:${from + portsPerLeaf - 1} -j ${name}`;
    return { table: 'nat', name, parent: { chain: this.nodePorts, rule } };
  }

  #leaf(
    root: SharedChain,
    tree: 'C' | 'X' | 'U',
    address: string,
    edges: Pick<SharedChain, 'first' | 'last'> = {},
  ): SharedChain {
    const [wideLength, narrowLength] = prefixLengths[this.options.family];
    const wide = { ...this.#under(root, tree, address, wideLength), ...edges };
    return this.#under(wide, tree, address, narrowLength);
  }

  #under(chain: SharedChain, tree: string, address: string, length: number): SharedChain {
    const prefix = parseCidr(`${address}/${length}`)?.text ?? address;
    const name = this.#names.leaf(tree, prefix);
    return { table: chain.table, name, parent: { chain, rule: `-d ${prefix} -j ${name}` } };
  }
}
