import type { Dispatch } from './dispatch.ts';
import type { PortRules } from './port-rules.ts';
import { type SharedChain, SharedChains, type TableName } from './shared-chains.ts';
import type { TableWrite } from './restore-text.ts';

/** What one Service port should have; undefined: nothing. */
export type Change = readonly [key: string, rules: PortRules | undefined];

/** Chains that a change writes, and those that go, by table; jumps are not its matter. */
export type ChainWrites = Readonly<
  Record<TableName, Pick<TableWrite, 'chains'> & { readonly unused: Set<string> }>
>;

const digestBytes = 16;

/** All rules of one family as they should be, and which chains a change of them writes. */
export class RuleBook {
  readonly #rules = new Map<string, PortRules>();
  readonly #shared = new SharedChains();
  /** The digests of all Service ports, combined in no order: a change costs one, not all. */
  readonly #combined = Buffer.alloc(digestBytes);
  /** Written by what was refused, so that the kernel may have them in another state. */
  readonly #doubtful = new Set<SharedChain>();

  constructor(dispatch: Dispatch) {
    for (const chain of dispatch.permanent) this.#shared.keep(chain);
  }

  get rules(): ReadonlyMap<string, PortRules> {
    return this.#rules;
  }

  /** Equal for equal rules. */
  get digest(): string {
    return `${this.#rules.size} ${this.#combined.toString('hex')}`;
  }

  /** Takes the changes over; says what that writes. */
  change(changes: readonly Change[]): ChainWrites {
    const writes: ChainWrites = {
      nat: { chains: new Map(), unused: new Set() },
      filter: { chains: new Map(), unused: new Set() },
    };
    const own = new Map<string, readonly string[]>();
    const touched = new Set(this.#doubtful);
    for (const [key, next] of changes) {
      const before = this.#rules.get(key);
      for (const name of before?.chains.keys() ?? []) writes.nat.unused.add(name);
      for (const [name, rules] of next?.chains ?? []) own.set(name, rules);
      this.#shared.replace(key, next?.shared ?? [], touched);
      this.#combine(before);
      this.#combine(next);
      if (next) this.#rules.set(key, next);
      else this.#rules.delete(key);
    }
    for (const name of own.keys()) writes.nat.unused.delete(name);
    return this.#written(writes, own, touched);
  }

  /** Takes `changes` back: each key has what it had before. */
  undo(changes: readonly Change[], before: readonly (PortRules | undefined)[]): void {
    const touched = new Set<SharedChain>();
    for (const [place, [key]] of changes.entries()) {
      const rules = before[place];
      this.#combine(this.#rules.get(key));
      this.#combine(rules);
      this.#shared.replace(key, rules?.shared ?? [], touched);
      if (rules) this.#rules.set(key, rules);
      else this.#rules.delete(key);
    }
    for (const chain of touched) this.#doubtful.add(chain);
  }

  /** The kernel has taken everything. */
  settled(): void {
    this.#doubtful.clear();
  }

  /** Every shared chain, whether or not a change touched it; to a kernel that has none of them. */
  all(): ChainWrites {
    const writes: ChainWrites = {
      nat: { chains: new Map(), unused: new Set() },
      filter: { chains: new Map(), unused: new Set() },
    };
    const own = new Map([...this.#rules.values()].flatMap(({ chains }) => [...chains]));
    return this.#written(writes, own, this.#shared.chains);
  }

  #written(
    writes: ChainWrites,
    own: ReadonlyMap<string, readonly string[]>,
    touched: Iterable<SharedChain>,
  ): ChainWrites {
    const chains = { nat: new Map(own), filter: new Map<string, readonly string[]>() };
    for (const { name, table } of touched) {
      const rules = this.#shared.rulesOf(name);
      if (rules) chains[table].set(name, rules);
      else writes[table].unused.add(name);
    }
    return {
      nat: { chains: chains.nat, unused: writes.nat.unused },
      filter: { chains: chains.filter, unused: writes.filter.unused },
    };
  }

  #combine(rules: PortRules | undefined): void {
    if (!rules) return;
    const digest = Buffer.from(rules.digest, 'hex');
    for (let place = 0; place < digestBytes; place += 1) {
      this.#combined[place] = (this.#combined[place] ?? 0) ^ (digest[place] ?? 0);
    }
  }
}
