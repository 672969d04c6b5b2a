/**
 * Who claims which value. Several may; the holder is the one with the lowest rank. Ranks start
 * with the creation time, so that whoever was first holds it, on every node alike.
 */
export class Claims {
  readonly #byValue = new Map<string, Set<string>>();
  readonly #byClaimant = new Map<string, ReadonlySet<string>>();
  readonly #ranks = new Map<string, string>();

  /** Sets all that one claims; returns the others who also claim a value that came or went. */
  replace(claimant: string, rank: string, values: ReadonlySet<string>): ReadonlySet<string> {
    const before = this.#byClaimant.get(claimant) ?? new Set();
    const touched = new Set<string>();
    this.#ranks.set(claimant, rank);
    for (const value of before.symmetricDifference(values)) {
      if (values.has(value)) this.#add(value, claimant);
      else this.#remove(value, claimant);
      for (const other of this.#byValue.get(value) ?? []) touched.add(other);
    }
    this.#byClaimant.set(claimant, values);
    if (values.size === 0) {
      this.#byClaimant.delete(claimant);
      this.#ranks.delete(claimant);
    }
    touched.delete(claimant);
    return touched;
  }

  /** Adds one value to what a claimant has. */
  add(claimant: string, rank: string, value: string): void {
    const values = this.#byClaimant.get(claimant) ?? new Set();
    this.replace(claimant, rank, new Set([...values, value]));
  }

  /** Undefined: nobody claims it. */
  holder(value: string): string | undefined {
    let holder: string | undefined;
    for (const claimant of this.#byValue.get(value) ?? []) {
      if (holder === undefined || this.#rank(claimant) < this.#rank(holder)) holder = claimant;
    }
    return holder;
  }

  #rank(claimant: string): string {
    return this.#ranks.get(claimant) ?? '';
  }

  #add(value: string, claimant: string): void {
    this.#byValue.set(value, (this.#byValue.get(value) ?? new Set()).add(claimant));
  }

  #remove(value: string, claimant: string): void {
    const claimants = this.#byValue.get(value);
    if (claimants?.delete(claimant) && claimants.size === 0) this.#byValue.delete(value);
  }
}
