import type { BoundCounter } from '../../../controller/base/index.ts';
import type { Reply } from '../plugin.ts';

/** A reply that is kept. */
export interface Entry {
  readonly reply: Reply;
  readonly storedMs: number;
  readonly ttlSec: number;
  /** Hits without a gap, and when the last one was: what prefetching goes by. */
  hits: number;
  lastHitMs: number;
  /** A refresh is under way, or upstream is left alone until this moment. */
  refreshing: boolean;
  quietUntilMs: number;
}

/** Replies by question, at most `capacity`: the one that was stored first goes first. */
export class Store {
  readonly #capacity: number;
  readonly #evictions: BoundCounter;
  readonly #entries: Map<string, Entry> = new Map();

  constructor(capacity: number, evictions: BoundCounter) {
    this.#capacity = capacity;
    this.#evictions = evictions;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
    this.#evictions.inc();
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
