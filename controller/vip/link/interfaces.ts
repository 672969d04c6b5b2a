import type { NetworkInterface } from './link.ts';
import type { NetlinkMessage } from './netlink-message.ts';

/** The interfaces of the machine as netlink messages tell them. */
export class Interfaces {
  readonly #byIndex = new Map<number, NetworkInterface>();

  named(name: string): NetworkInterface | undefined {
    for (const one of this.#byIndex.values()) if (one.name === name) return one;
    return undefined;
  }

  clear(): void {
    this.#byIndex.clear();
  }

  /** True when something that matters here is not what it was. */
  take(message: NetlinkMessage): boolean {
    if (message.kind === 'link') return this.#takeLink(message);
    return message.kind === 'address' ? this.#takeAddress(message) : false;
  }

  #takeLink(link: Extract<NetlinkMessage, { kind: 'link' }>): boolean {
    const { index, name, mac, up } = link;
    const known = this.#byIndex.get(index);
    if (!link.present) return this.#byIndex.delete(index);
    this.#byIndex.set(index, { index, name, mac, up, addresses: known?.addresses ?? [] });
    return known?.up !== up || known.name !== name || Buffer.compare(known.mac, mac) !== 0;
  }

  #takeAddress(change: Extract<NetlinkMessage, { kind: 'address' }>): boolean {
    const known = this.#byIndex.get(change.index);
    if (!known) return false;
    const { address, prefixLength } = change.address;
    const at = known.addresses.findIndex(
      (one) => one.address === address && one.prefixLength === prefixLength,
    );
    const addresses = [...known.addresses];
    const entry = { address, prefixLength, tentative: change.tentative };
    if (!change.present) {
      if (at < 0) return false;
      addresses.splice(at, 1);
    } else if (at < 0) addresses.push(entry);
    else if (addresses[at]?.tentative === entry.tentative) return false;
    else addresses[at] = entry;
    this.#byIndex.set(change.index, { ...known, addresses });
    return true;
  }
}
