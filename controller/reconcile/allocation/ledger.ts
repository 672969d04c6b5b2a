/**
 * Remembers over restarts what each Service was given, so that it is given the same again. What
 * stands in the objects counts more: a ledger that is lost or late costs at most a new address.
 * Disposing resolves once everything recorded is as durable as it will be.
 */
export interface AllocationLedger extends AsyncDisposable {
  /** What the owner had in a field: `clusterIP/IPv4` → `127.96.3.7`. */
  recorded(owner: string, field: string): string | undefined;
  /** The owner for whom a value is remembered: given to others only when nothing else is left. */
  keptFor(value: string): string | undefined;
  /** Replaces all that is remembered of an owner; nothing: forgets it. */
  record(owner: string, allocations: ReadonlyMap<string, string>): void;
}

export type LedgerEntries = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A ledger without durability: for daemons without a data directory, and under the file's. */
export class MemoryLedger implements AllocationLedger {
  readonly #byOwner = new Map<string, ReadonlyMap<string, string>>();
  readonly #byValue = new Map<string, string>();
  readonly #onChange: () => void;

  constructor(entries: LedgerEntries = {}, onChange: () => void = () => {}) {
    for (const [owner, fields] of Object.entries(entries)) {
      this.record(owner, new Map(Object.entries(fields)));
    }
    this.#onChange = onChange;
  }

  recorded(owner: string, field: string): string | undefined {
    return this.#byOwner.get(owner)?.get(field);
  }

  keptFor(value: string): string | undefined {
    return this.#byValue.get(value);
  }

  record(owner: string, allocations: ReadonlyMap<string, string>): void {
    const before = this.#byOwner.get(owner) ?? new Map<string, string>();
    if (sameEntries(before, allocations)) return;
    for (const value of before.values()) {
      if (this.#byValue.get(value) === owner) this.#byValue.delete(value);
    }
    for (const value of allocations.values()) this.#byValue.set(value, owner);
    if (allocations.size === 0) this.#byOwner.delete(owner);
    else this.#byOwner.set(owner, new Map(allocations));
    this.#onChange?.();
  }

  /** Everything, to be written down. */
  entries(): LedgerEntries {
    return Object.fromEntries(
      [...this.#byOwner]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([owner, fields]) => [owner, Object.fromEntries(fields)]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([field, value]) => b.get(field) === value);
}
