const leastCapacity = 1024;

/** Received bytes that nothing could be done with yet. Grows by doubling; bounded by its owner. */
export class HeldBytes {
  bytes: Buffer;
  start = 0;
  end = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafe(Math.max(leastCapacity, capacity));
  }

  get length(): number {
    return this.end - this.start;
  }

  append(from: Buffer, start: number, end: number): void {
    const added = end - start;
    if (this.end + added > this.bytes.length) this.#makeRoom(added);
    from.copy(this.bytes, this.end, start, end);
    this.end += added;
  }

  #makeRoom(added: number): void {
    const needed = this.length + added;
    const target =
      needed > this.bytes.length
        ? Buffer.allocUnsafe(Math.max(needed, 2 * this.length))
        : this.bytes;
    this.bytes.copy(target, 0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    this.bytes = target;
  }
}
