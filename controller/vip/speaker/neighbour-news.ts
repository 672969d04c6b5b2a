import type { Link } from '../link/link.ts';
import { arpProbe } from '../wire/arp.ts';
import { solicitationProbe } from '../wire/neighbour.ts';
import { announcementFrame } from './announcer.ts';
import { heldAddresses } from './node-standing.ts';
import type { VirtualRouterSpec } from './virtual-router.ts';

/** Sends to neighbours about a router's addresses: where they are, and who else answers for them. */
export class NeighbourNews {
  readonly #spec: VirtualRouterSpec;
  readonly #link: Link;
  readonly #try: (reason: string, act: () => void) => void;

  /** `attempt` runs each sending, and deals with what the machine refuses. */
  constructor(
    spec: VirtualRouterSpec,
    link: Link,
    attempt: (reason: string, act: () => void) => void,
  ) {
    this.#spec = spec;
    this.#link = link;
    this.#try = attempt;
  }

  announce(round: number): void {
    this.#send('AnnouncementNotSent', (mac, address) => announcementFrame(address, mac, round));
  }

  /** Address conflict detection: RFC 5227 §2.1.1, and RFC 4862 §5.4.2. */
  probe(): void {
    this.#send('ProbeNotSent', (mac, address) =>
      address.includes(':') ? solicitationProbe(mac, address) : arpProbe(mac, address),
    );
  }

  #send(reason: string, frameFor: (mac: Uint8Array, address: string) => Uint8Array): void {
    const { interface: via } = this.#spec;
    const mac = this.#link.interface(via)?.mac;
    // Links without Ethernet addresses have no neighbours to tell.
    if (mac?.length !== 6) return;
    for (const { address } of heldAddresses(this.#spec)) {
      const family = address.includes(':') ? 'IPv6' : 'IPv4';
      this.#try(reason, () => {
        this.#link.sendFrame({ interface: via, family }, frameFor(mac, address));
      });
    }
  }
}
