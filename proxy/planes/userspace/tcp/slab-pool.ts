/**
 * Equal buffers for lending. A write copies its bytes into a slab first, because the read buffer
 * that they stand in is shared by all connections and libuv may keep the pointer. A write that
 * the kernel takes at once gives the slab straight back, so that all traffic runs through one or
 * two slabs that never leave the cache. Lent slabs are bounded by the streams: one each at most.
 */
export class SlabPool {
  readonly #slabBytes: number;
  readonly #keep: number;
  readonly #free: Buffer[] = [];

  /** `keep`: returned slabs beyond this many are left to the garbage collector. */
  constructor(slabBytes: number, keep: number) {
    this.#slabBytes = slabBytes;
    this.#keep = keep;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#slabBytes);
  }

  give(slab: Buffer): void {
    if (this.#free.length < this.#keep) this.#free.push(slab);
  }
}
