/** How many want each of several named things. */
export class Counts {
  readonly #counts = new Map<string, number>();

  has(name: string): boolean {
    return this.#counts.has(name);
  }

  /** Returns the count afterwards. */
  increment(name: string): number {
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  /** Returns the count afterwards. */
  decrement(name: string): number {
    const count = (this.#counts.get(name) ?? 0) - 1;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
    return count;
  }
}

/** Named objects of the kernel, made when first wanted and idle once nobody wants them. */
export class SharedNames {
  readonly #wanted = new Counts();
  readonly #present = new Set<string>();
  readonly #idle = new Set<string>();

  isPresent(name: string): boolean {
    return this.#present.has(name);
  }

  /** The kernel has it. */
  found(name: string): void {
    this.#present.add(name);
    if (!this.#wanted.has(name)) this.#idle.add(name);
  }

  /** The kernel does not have it. */
  lost(name: string): void {
    this.#present.delete(name);
    this.#idle.delete(name);
  }

  /** One more wants it. */
  take(name: string): void {
    this.#wanted.increment(name);
    this.#idle.delete(name);
  }

  /** One less does. */
  release(name: string): void {
    if (this.#wanted.decrement(name) === 0 && this.#present.has(name)) this.#idle.add(name);
  }

  /** In the kernel and wanted by nobody. */
  get idle(): readonly string[] {
    return [...this.#idle];
  }
}
