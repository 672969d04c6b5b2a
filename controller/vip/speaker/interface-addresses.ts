import type { Link } from '../link/link.ts';
import type { InterfaceAddress } from '../link/netlink-message.ts';
import { heldAddresses } from './node-standing.ts';
import type { VirtualRouterSpec } from './virtual-router.ts';

/** The addresses of one router on its interface. */
export class InterfaceAddresses {
  readonly #spec: VirtualRouterSpec;
  readonly #link: Link;
  readonly #try: (reason: string, act: () => void) => void;
  readonly #held: readonly InterfaceAddress[];

  /** `attempt` runs each change, and deals with what the machine refuses. */
  constructor(
    spec: VirtualRouterSpec,
    link: Link,
    attempt: (reason: string, act: () => void) => void,
  ) {
    this.#spec = spec;
    this.#link = link;
    this.#try = attempt;
    this.#held = heldAddresses(spec);
  }

  includes(address: string): boolean {
    return this.#held.some((one) => one.address === address);
  }

  add(addresses: readonly InterfaceAddress[] = this.#held): void {
    for (const address of addresses) this.#change('add', address);
  }

  /** Takes away those that are there. */
  release(): void {
    // The address owner has its addresses for good: they are the interface's own.
    if (this.#spec.priority === 255) return;
    for (const address of this.#held) {
      if (this.#isPresent(address)) this.#change('remove', address);
    }
  }

  /** Those that are not there. */
  missing(): readonly InterfaceAddress[] {
    return this.#held.filter((address) => !this.#isPresent(address));
  }

  #change(change: 'add' | 'remove', address: InterfaceAddress): void {
    this.#try('AddressNotChanged', () => this.#link.change(change, this.#spec.interface, address));
  }

  #isPresent({ address }: InterfaceAddress): boolean {
    const found = this.#link.interface(this.#spec.interface);
    return found?.addresses.some((one) => one.address === address) ?? false;
  }
}
