import { DataPlaneError, type Log } from '../../../controller/base/index.ts';
import { Ledger } from './ledger.ts';
import type { Listing } from './listing.ts';
import type { Nft, TableState } from './nft.ts';
import type { ServiceObjects } from './objects.ts';
import { putStatic, type StaticRules } from './static-rules.ts';
import { Adoption } from './adoption.ts';
import { Transaction } from './transaction.ts';

/** What one owner (a Service port's key) should have in the table; undefined: nothing. */
export interface Change {
  readonly owner: string;
  readonly objects: ServiceObjects | undefined;
}

/** Owners whose objects nft refused, and why. What they had before stays in force. */
export type Refusals = ReadonlyMap<string, DataPlaneError>;

export interface TableSyncOptions {
  readonly nft: Nft;
  /** Family and name. */
  readonly table: string;
  readonly rules: StaticRules;
  readonly log: Log;
}

/**
 * Elements a transaction may have. The kernel holds its commit lock for about 10 µs an element;
 * whole Services go together, so nothing half-built can be reached between two transactions.
 */
const elementsPerTransaction = 10_000;

/** More refusals than this in one go are no matter of single objects. */
const maxRefusals = 32;

/** Keeps one nftables table as it should be. Calls must not overlap. */
export class TableSync {
  readonly #options: TableSyncOptions;
  #ledger = new Ledger();
  /** Transactions that changed something, since the start. */
  writes = 0;

  constructor(options: TableSyncOptions) {
    this.#options = options;
  }

  /** Names of chains and sets that wait to be deleted. */
  get hasIdle(): boolean {
    return this.#ledger.chains.idle.length + this.#ledger.sets.idle.length > 0;
  }

  /**
   * Makes the table hold exactly `desired`, whatever it holds now. What is right already is not
   * touched. @throws DataPlaneError
   */
  async reconcile(desired: ReadonlyMap<string, ServiceObjects>): Promise<Refusals> {
    const { nft, table } = this.#options;
    const found = await nft.list(table);
    this.#ledger = new Ledger();
    const { rules } = this.#options;
    const isCurrent = found !== undefined && holds(found, rules);
    const listing = isCurrent ? found : await this.#writeStatic(found);
    const adoption = new Adoption(table, listing, rules);
    adoption.enroll(this.#ledger, desired, isCurrent);
    const changes = [...desired].map(([owner, objects]) => ({ owner, objects }));
    const refusals = await this.#applyAll(changes, () => adoption.transaction());
    for (const stale of adoption.stale(this.#ledger, elementsPerTransaction)) {
      await this.#write(stale);
    }
    return refusals;
  }

  /**
   * Applies changes on top of what is there.
   * @throws DataPlaneError when nothing more can be applied
   */
  async apply(changes: readonly Change[]): Promise<Refusals> {
    try {
      return await this.#applyAll(changes, () => new Transaction(this.#options.table));
    } catch (error) {
      if (!(error instanceof DataPlaneError) || error.code !== 'TableLost') throw error;
      return await this.#repair(changes);
    }
  }

  /** Looks whether the table is still there, and makes it again if not. */
  async check(): Promise<TableState> {
    const state = await this.#probe();
    if (state !== 'intact') await this.#repair([]);
    return state;
  }

  /** Deletes what nobody wants any more. Not in the transaction that stopped using it: before 6.2
   * kernels still see the reference there. */
  async sweep(): Promise<void> {
    const { chains, sets } = this.#ledger;
    const idle = { chains: chains.idle, sets: sets.idle };
    const transaction = new Transaction(this.#options.table);
    transaction.deleteChains(idle.chains);
    transaction.deleteSets(idle.sets);
    await this.#write(transaction);
    for (const name of idle.chains) chains.lost(name);
    for (const name of idle.sets) sets.lost(name);
  }

  async #repair(changes: readonly Change[]): Promise<Refusals> {
    const desired = new Map(this.#ledger.owned);
    for (const { owner, objects } of changes) {
      if (objects) desired.set(owner, objects);
      else desired.delete(owner);
    }
    this.#options.log.warn({ table: this.#options.table }, 'our rules are gone: making them again');
    return await this.reconcile(desired);
  }

  /** Returns what the table holds afterwards. */
  async #writeStatic(listing: Listing | undefined): Promise<Listing> {
    const { table } = this.#options;
    const transaction = this.#static();
    if (listing === undefined) {
      await this.#write(transaction);
    } else {
      try {
        await this.#write(transaction);
        return listing;
      } catch (error) {
        if (!isRefusal(error)) throw error;
        // Another version's sets or hooks cannot be changed in place.
        this.#options.log.warn({ table, error: error.message }, 'replacing an incompatible table');
        await this.#write(this.#static(true));
      }
    }
    return { chains: new Map(), sets: new Map() };
  }

  #static(anew: boolean = false): Transaction {
    const { table, rules } = this.#options;
    const transaction = new Transaction(table);
    if (anew) transaction.deleteTable();
    putStatic(rules, transaction);
    return transaction;
  }

  async #applyAll(changes: readonly Change[], begin: () => Transaction): Promise<Refusals> {
    const refused: Change[] = [];
    for (const chunk of chunks(changes)) {
      for (const change of (await this.#commit(chunk, begin)).keys()) refused.push(change);
    }
    // An address that one Service gave up may have come later than the one that wants it.
    const left = new Map<string, DataPlaneError>();
    for (const change of refused) {
      for (const [{ owner }, error] of await this.#commit([change], begin)) left.set(owner, error);
    }
    return left;
  }

  /** One transaction; if it is refused, halves of it, until the culprits are alone. */
  async #commit(
    changes: readonly Change[],
    begin: () => Transaction,
  ): Promise<ReadonlyMap<Change, DataPlaneError>> {
    const before = changes.map(({ owner }) => this.#ledger.owned.get(owner));
    const transaction = begin();
    for (const { owner, objects } of changes) this.#ledger.replace(owner, objects, transaction);
    try {
      await this.#write(transaction);
      return new Map();
    } catch (error) {
      this.#undo(changes, before, transaction);
      if (!isRefusal(error) || error.retryable) throw error;
      return await this.#bisect(changes, begin, error);
    }
  }

  #undo(
    changes: readonly Change[],
    before: readonly (ServiceObjects | undefined)[],
    refused: Transaction,
  ): void {
    this.#ledger.refused(refused);
    const discarded = new Transaction(this.#options.table);
    for (let place = changes.length - 1; place >= 0; place -= 1) {
      const owner = changes[place]?.owner;
      if (owner !== undefined) this.#ledger.replace(owner, before[place], discarded);
    }
  }

  async #bisect(
    changes: readonly Change[],
    begin: () => Transaction,
    error: DataPlaneError,
  ): Promise<ReadonlyMap<Change, DataPlaneError>> {
    if ((await this.#probe()) !== 'intact') {
      throw new DataPlaneError('TableLost', 'the table is gone', true, { cause: error });
    }
    const [only] = changes;
    if (only && changes.length === 1) return new Map([[only, error]]);
    const middle = changes.length >>> 1;
    const first = await this.#commit(changes.slice(0, middle), begin);
    const second = await this.#commit(changes.slice(middle), begin);
    const refusals = new Map([...first, ...second]);
    if (refusals.size > maxRefusals) throw error;
    return refusals;
  }

  #probe(): Promise<TableState> {
    const { nft, table, rules } = this.#options;
    return nft.probe(table, rules.fingerprint);
  }

  async #write(transaction: Transaction): Promise<void> {
    if (transaction.isEmpty) return;
    await this.#options.nft.apply(transaction.toString(), transaction.elementChange);
    this.writes += 1;
  }
}

/** True if every static object is there and no rule is missing. */
function holds({ chains, sets }: Listing, rules: StaticRules): boolean {
  return (
    chains.has(rules.fingerprint) &&
    rules.sets.every(({ name }) => sets.has(name)) &&
    [...rules.baseChains, ...rules.chains].every((one) => chains.get(one.name) === one.rules.length)
  );
}

function isRefusal(error: unknown): error is DataPlaneError {
  return error instanceof DataPlaneError && error.code === 'TransactionRefused';
}

/** Parts of about `elementsPerTransaction` elements, each change whole. */
function* chunks(changes: readonly Change[]): Generator<readonly Change[]> {
  let chunk: Change[] = [];
  let size = 0;
  for (const change of changes) {
    chunk.push(change);
    size += change.objects?.elements.length ?? 1;
    if (size < elementsPerTransaction) continue;
    yield chunk;
    chunk = [];
    size = 0;
  }
  if (chunk.length > 0) yield chunk;
}
