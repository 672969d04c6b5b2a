import type { Ledger } from './ledger.ts';
import type { Listing } from './listing.ts';
import type { Element, ServiceObjects } from './objects.ts';
import type { StaticRules } from './static-rules.ts';
import { Transaction } from './transaction.ts';

/** Takes over what a table holds already: writes only differences from it. */
export class Adoption {
  readonly #table: string;
  readonly #listing: Listing;
  readonly #static: ReadonlySet<string>;

  constructor(table: string, listing: Listing, rules: StaticRules) {
    this.#table = table;
    this.#listing = listing;
    const { sets, chains, baseChains, fingerprint } = rules;
    const names = [...sets, ...chains, ...baseChains].map(({ name }) => name);
    this.#static = new Set([fingerprint, ...names]);
  }

  /**
   * Tells the ledger which chains and sets are there. `areChainsCurrent` false: the options that
   * they were written under have changed, so those in use are written again.
   */
  enroll(
    ledger: Ledger,
    desired: ReadonlyMap<string, ServiceObjects>,
    areChainsCurrent: boolean,
  ): void {
    const wanted = new Map<string, number>();
    for (const { chains } of desired.values()) {
      for (const { name, rules } of chains) wanted.set(name, rules.length);
    }
    for (const [name, ruleCount] of this.#listing.chains) {
      if (this.#static.has(name)) continue;
      const expected = wanted.get(name);
      const isRight = expected === undefined || (areChainsCurrent && expected === ruleCount);
      if (isRight) ledger.chains.found(name);
    }
    for (const name of this.#listing.sets.keys()) {
      if (!this.#static.has(name)) ledger.sets.found(name);
    }
  }

  /** A transaction that leaves out elements that are there. */
  transaction(): Transaction {
    return new AdoptingTransaction(this.#table, this.#listing);
  }

  /** Transactions of at most `limit` elements that delete what the ledger does not know. */
  *stale(ledger: Ledger, limit: number): Generator<Transaction> {
    const left = new Map<string, Map<string, string>>();
    for (const [set, elements] of this.#listing.sets) {
      // What clients filled by themselves is none of ours.
      if (this.#static.has(set) && elements.size > 0) left.set(set, new Map(elements));
    }
    for (const { elements } of ledger.owned.values()) {
      for (const { set, key } of elements) left.get(set)?.delete(key);
    }
    let transaction = new Transaction(this.#table);
    for (const [set, elements] of left) {
      for (const [key, value] of elements) {
        transaction.deleteElement({ set, key, value });
        if (transaction.size < limit) continue;
        yield transaction;
        transaction = new Transaction(this.#table);
      }
    }
    yield transaction;
  }
}

class AdoptingTransaction extends Transaction {
  readonly #listing: Listing;

  constructor(table: string, listing: Listing) {
    super(table);
    this.#listing = listing;
  }

  override addElement(element: Element): void {
    const present = this.#listing.sets.get(element.set)?.get(element.key);
    if (present === element.value) return;
    if (present !== undefined) this.deleteElement({ ...element, value: present });
    super.addElement(element);
  }
}
