/** Lengths up to this have their view kept: 1024 views of some 100 bytes, filled as needed. */
const longestKeptView = 1024;

/** A lent buffer. */
export class Slab {
  readonly bytes: Buffer;
  readonly #views: (Buffer | undefined)[] = [];

  constructor(sizeBytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
  }

  /** The first `length` bytes. Making a view costs as much as all other JavaScript of a write. */
  first(length: number): Buffer {
    if (length > longestKeptView) return this.bytes.subarray(0, length);
    const view = this.#views[length] ?? this.bytes.subarray(0, length);
    this.#views[length] = view;
    return view;
  }
}

/**
 * Equal slabs for lending. A write copies its bytes into a slab first, because the read buffer
 * that they stand in is shared by all connections and libuv may keep the pointer. A write that
 * the kernel takes at once gives the slab straight back, so that all traffic runs through one or
 * two slabs that never leave the cache. Lent slabs are bounded by the streams: one each at most.
 */
export class SlabPool {
  readonly #slabBytes: number;
  readonly #keep: number;
  readonly #free: Slab[] = [];

  /** `keep`: returned slabs beyond this many are left to the garbage collector. */
  constructor(slabBytes: number, keep: number) {
    this.#slabBytes = slabBytes;
    this.#keep = keep;
  }

  take(): Slab {
    return this.#free.pop() ?? new Slab(this.#slabBytes);
  }

  give(slab: Slab): void {
    if (this.#free.length < this.#keep) this.#free.push(slab);
  }
}
