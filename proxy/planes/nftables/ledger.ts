import { Counts, SharedNames } from './counts.ts';
import { type Element, elementId, type ServiceObjects } from './objects.ts';
import type { Transaction } from './transaction.ts';

const nothing: ServiceObjects = { elements: [], chains: [], sets: [] };

/**
 * What is in the table and who wants it there, kept in memory: after the start the kernel is
 * never asked again. Elements of maps have one owner; chains, sets and their elements are shared.
 */
export class Ledger {
  readonly chains: SharedNames = new SharedNames();
  readonly sets: SharedNames = new SharedNames();
  readonly #owned = new Map<string, ServiceObjects>();
  /** Elements of sets (those without a value), by `elementId`. */
  readonly #sharedElements = new Counts();

  /** What each owner has in the table. */
  get owned(): ReadonlyMap<string, ServiceObjects> {
    return this.#owned;
  }

  /** Writes to `transaction` what turns the owner's objects into `next`; undefined: into none. */
  replace(owner: string, next: ServiceObjects | undefined, transaction: Transaction): void {
    const before = this.#owned.get(owner) ?? nothing;
    const after = next ?? nothing;
    if (next) this.#owned.set(owner, next);
    else this.#owned.delete(owner);
    this.#replaceElements(before, after, transaction);
    for (const { name } of after.chains) this.chains.take(name);
    for (const { name } of after.sets) this.sets.take(name);
    for (const { name } of before.chains) this.chains.release(name);
    for (const { name } of before.sets) this.sets.release(name);
    for (const set of after.sets) {
      if (this.sets.isPresent(set.name)) continue;
      transaction.addSet(set);
      this.sets.found(set.name);
    }
    for (const chain of after.chains) {
      if (this.chains.isPresent(chain.name)) continue;
      transaction.putChain(chain);
      this.chains.found(chain.name);
    }
  }

  /** The transaction was refused: what it would have made is not there. */
  refused({ made }: Transaction): void {
    for (const name of made) {
      this.chains.lost(name);
      this.sets.lost(name);
    }
  }

  #replaceElements(before: ServiceObjects, after: ServiceObjects, transaction: Transaction): void {
    const old = new Map(before.elements.map((one) => [elementId(one), one]));
    for (const element of after.elements) {
      const id = elementId(element);
      const present = old.get(id);
      old.delete(id);
      if (present?.value === element.value) continue;
      if (present) transaction.deleteElement(present);
      if (isOwned(element) || this.#sharedElements.increment(id) === 1) {
        transaction.addElement(element);
      }
    }
    for (const [id, element] of old) {
      if (isOwned(element) || this.#sharedElements.decrement(id) === 0) {
        transaction.deleteElement(element);
      }
    }
  }
}

const isOwned = ({ value }: Element): boolean => value !== '';
