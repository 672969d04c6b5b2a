import { AddressClaimed } from './binding.ts';

/**
 * Which Service port of this plane has which address. The kernel alone can't keep two apart: with
 * SO_REUSEPORT it would let both listen and deal the clients out between them.
 */
export class AddressClaims {
  readonly #holders = new Map<string, string>();

  /** `address`: protocol and `host:port`. @throws AddressClaimed if another `key` has it */
  claim(address: string, key: string): void {
    const holder = this.#holders.get(address);
    if (holder !== undefined && holder !== key) throw new AddressClaimed(holder);
    this.#holders.set(address, key);
  }

  /** Nothing happens unless `key` has it. */
  release(address: string, key: string): void {
    if (this.#holders.get(address) === key) this.#holders.delete(address);
  }
}
