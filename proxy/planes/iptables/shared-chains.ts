/** A table of iptables that we write to. */
export type TableName = 'nat' | 'filter';

/** A chain that several Service ports put rules into. */
export interface SharedChain {
  readonly table: TableName;
  readonly name: string;
  /** The chain that leads here, and its rule that does; undefined: it is always there. */
  readonly parent?: { readonly chain: SharedChain; readonly rule: string };
  /** Rules before those of the Service ports. */
  readonly first?: readonly string[];
  /** And after them. */
  readonly last?: readonly string[];
}

/** A Service port's rule in a shared chain, without `-A`. */
export interface SharedRule {
  readonly chain: SharedChain;
  readonly rule: string;
}

interface Entry {
  readonly chain: SharedChain;
  /** By owner: a Service port's key, or the name of a chain that is led to. */
  readonly rules: Map<string, readonly string[]>;
}

/**
 * What stands in shared chains and who put it there, so that a change writes those chains alone
 * that it touches. A chain that is nobody's any more goes, and the rule that led to it.
 */
export class SharedChains {
  readonly #entries = new Map<string, Entry>();

  /** The rules of one chain, as they should be; undefined: there should be no such chain. */
  rulesOf(name: string): readonly string[] | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const { first = [], last = [] } = entry.chain;
    return [...first, ...[...entry.rules.values()].flat(), ...last];
  }

  /** Every chain that there should be. */
  get chains(): readonly SharedChain[] {
    return [...this.#entries.values()].map(({ chain }) => chain);
  }

  /** Makes a chain be there whether or not somebody puts a rule into it. */
  keep(chain: SharedChain): void {
    this.#entryOf(chain);
  }

  /** Replaces all rules of an owner; adds the chains that this changes to `touched`. */
  replace(owner: string, next: readonly SharedRule[], touched: Set<SharedChain>): void {
    const rules = Map.groupBy(next, ({ chain }) => chain.name);
    for (const name of this.#namesOf(owner)) {
      if (!rules.has(name)) this.#put(name, owner, [], touched);
    }
    for (const members of rules.values()) {
      const [{ chain } = { chain: undefined }] = members;
      if (!chain) continue;
      this.#entryOf(chain, touched);
      const texts = members.map(({ rule }) => rule);
      this.#put(chain.name, owner, texts, touched);
    }
  }

  /** Names of the chains that an owner has rules in. */
  readonly #byOwner = new Map<string, Set<string>>();

  #namesOf(owner: string): readonly string[] {
    return [...(this.#byOwner.get(owner) ?? [])];
  }

  #entryOf(chain: SharedChain, touched?: Set<SharedChain>): Entry {
    const known = this.#entries.get(chain.name);
    if (known) return known;
    const entry: Entry = { chain, rules: new Map() };
    this.#entries.set(chain.name, entry);
    const { parent } = chain;
    if (parent && touched) {
      this.#entryOf(parent.chain, touched);
      this.#put(parent.chain.name, chain.name, [parent.rule], touched);
    }
    return entry;
  }

  #put(name: string, owner: string, rules: readonly string[], touched: Set<SharedChain>): void {
    const entry = this.#entries.get(name);
    if (!entry) return;
    if (entry.rules.get(owner)?.join('\n') === rules.join('\n')) return;
    touched.add(entry.chain);
    const names = this.#byOwner.get(owner) ?? new Set();
    if (rules.length > 0) {
      entry.rules.set(owner, rules);
      this.#byOwner.set(owner, names.add(name));
      return;
    }
    entry.rules.delete(owner);
    names.delete(name);
    if (names.size === 0) this.#byOwner.delete(owner);
    const { parent } = entry.chain;
    if (!parent || entry.rules.size > 0) return;
    this.#entries.delete(name);
    this.#put(parent.chain.name, name, [], touched);
  }
}
