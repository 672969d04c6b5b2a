import type { IPFamily } from '../../objects/index.ts';
import type { InterfaceAddress } from './netlink-message.ts';

/** A packet of protocol 112 as it came in. `payload` is valid during the call alone. */
export interface ReceivedPacket {
  readonly family: IPFamily;
  readonly interface: string;
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
  readonly payload: Uint8Array;
}

/** What is known of a network interface of this machine. */
export interface NetworkInterface {
  readonly index: number;
  readonly name: string;
  /** Six bytes; empty for links without. */
  readonly mac: Uint8Array;
  /** Turned on, and with carrier. */
  readonly up: boolean;
  readonly addresses: readonly (InterfaceAddress & { readonly tentative: boolean })[];
}

/** One family on one interface: what a socket is opened for. */
export interface LinkUse {
  readonly interface: string;
  readonly family: IPFamily;
}

/** Everything that the speaker does to the machine and its network. Nothing here waits. */
export interface Link {
  /** Undefined while there is none of that name. */
  interface(name: string): NetworkInterface | undefined;
  /** @throws LinkError */
  sendAdvert(via: string, source: string, destination: string, payload: Uint8Array): void;
  /** Sends a whole Ethernet frame. @throws LinkError */
  sendFrame(via: LinkUse, frame: Uint8Array): void;
  /** Adds or takes away an address. False: it was so already. @throws LinkError */
  change(change: 'add' | 'remove', via: string, address: InterfaceAddress): boolean;
}

/** Where a link hands over what it hears. */
export interface LinkListener {
  packet(packet: ReceivedPacket): void;
  /** ARP, or neighbour advertisements; `frame` is valid during the call alone. */
  frame(via: LinkUse, frame: Uint8Array): void;
  /** Interfaces or addresses are not what they were. */
  interfacesChanged(): void;
}
