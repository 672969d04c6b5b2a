import type { HeaderField } from './header-field.ts';

/** RFC 9113 §6.5.2: the size that both sides begin with, and the largest used here. */
export const defaultTableBytes = 4096;
/** Each entry counts 32 bytes at least; a power of two. */
const maxEntries = defaultTableBytes / 32;

/** The entries that one side of a connection has made the other remember (RFC 7541 §2.3.2). */
export class DynamicTable {
  /** A ring. */
  readonly #entries: (HeaderField | undefined)[] = [];
  /** Entries ever added. */
  #added = 0;
  #count = 0;
  #bytes = 0;
  #limitBytes = defaultTableBytes;
  readonly #evicted: (field: HeaderField, number: number) => void;

  /** `evicted` hears of each entry that goes, with the number that `add` gave it. */
  constructor(evicted: (field: HeaderField, number: number) => void = () => {}) {
    this.#evicted = evicted;
  }

  /** Entries ever added: the number of the next. */
  get added(): number {
    return this.#added;
  }

  /** The entry that is `age` additions old; 0 is the newest. */
  at(age: number): HeaderField | undefined {
    if (age >= this.#count) return undefined;
    return this.#entries[(this.#added - 1 - age) % maxEntries];
  }

  /** Adds an entry, at the cost of the oldest ones; one that is too large empties the table. */
  add(field: HeaderField): void {
    const { size } = field;
    this.#evict(this.#limitBytes - size);
    if (size > this.#limitBytes) return;
    this.#entries[this.#added % maxEntries] = field;
    this.#added += 1;
    this.#count += 1;
    this.#bytes += size;
  }

  /** `bytes` is at most `defaultTableBytes`. */
  resize(bytes: number): void {
    this.#limitBytes = bytes;
    this.#evict(bytes);
  }

  #evict(toBytes: number): void {
    while (this.#count > 0 && this.#bytes > toBytes) {
      const number = this.#added - this.#count;
      const oldest = this.#entries[number % maxEntries];
      if (!oldest) return;
      this.#entries[number % maxEntries] = undefined;
      this.#count -= 1;
      this.#bytes -= oldest.size;
      this.#evicted(oldest, number);
    }
  }
}
