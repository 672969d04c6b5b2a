import type { Chain, Element, ElementChange, NamedSet } from './objects.ts';
import type { BaseChain } from './static-rules.ts';

/** Elements in one command. nft reads a line whole, so endless ones cost memory for nothing. */
const elementsPerCommand = 500;

/**
 * One atomic change of one table, as the text that `nft -f` takes. The kernel takes all of it or
 * nothing. Commands come in the order in which they can refer to each other, whatever the order
 * of the calls: sets, chains, rules, then elements out, elements in, and deletions last.
 */
export class Transaction {
  readonly #table: string;
  readonly #first: string[] = [];
  readonly #sets: string[] = [];
  readonly #chains: string[] = [];
  readonly #rules: string[] = [];
  readonly #last: string[] = [];
  readonly #added: Element[] = [];
  readonly #deleted: Element[] = [];

  /** `table`: family and name, as `ip portolan`. */
  constructor(table: string) {
    this.#table = table;
  }

  /** Chains and sets that it makes. */
  readonly made: string[] = [];

  get isEmpty(): boolean {
    return this.size === 0;
  }

  /** Commands and elements: what the kernel's time grows with. */
  get size(): number {
    const commands = [this.#first, this.#sets, this.#chains, this.#rules, this.#last];
    const count = commands.reduce((sum, { length }) => sum + length, 0);
    return count + this.#added.length + this.#deleted.length;
  }

  /** All of it, if it only changes elements. */
  get elementChange(): ElementChange | undefined {
    const elements = this.#added.length + this.#deleted.length;
    if (elements === 0 || elements < this.size) return undefined;
    return { table: this.#table, deleted: this.#deleted, added: this.#added };
  }

  addTable(): void {
    this.#first.push(`add table ${this.#table}`);
  }

  /** Refused if there is none, unless `addTable` came first. */
  deleteTable(): void {
    this.#first.push(`delete table ${this.#table}`);
  }

  addSet({ kind, name, definition }: NamedSet): void {
    this.made.push(name);
    this.#sets.push(`add ${kind} ${this.#table} ${name} { ${definition} }`);
  }

  /** Makes a chain, or empties it if there is one, and fills it. */
  putChain(chain: Chain): void {
    this.made.push(chain.name);
    this.#chains.push(`add chain ${this.#table} ${chain.name}`);
    this.#fill(chain);
  }

  /** The same for one with a hook; a chain that is there must have the same hook. */
  putBaseChain(chain: BaseChain): void {
    this.#chains.push(`add chain ${this.#table} ${chain.name} { ${chain.hook} }`);
    this.#fill(chain);
  }

  deleteChains(names: readonly string[]): void {
    // They may refer to each other: all are emptied before any goes.
    for (const name of names) this.#last.push(`flush chain ${this.#table} ${name}`);
    for (const name of names) this.#last.push(`delete chain ${this.#table} ${name}`);
  }

  deleteSets(names: readonly string[]): void {
    for (const name of names) this.#last.push(`delete set ${this.#table} ${name}`);
  }

  addElement(element: Element): void {
    this.#added.push(element);
  }

  deleteElement(element: Element): void {
    this.#deleted.push(element);
  }

  toString(): string {
    const lines = [
      ...this.#first,
      ...this.#sets,
      ...this.#chains,
      ...this.#rules,
      ...this.#elementCommands('delete', this.#deleted),
      ...this.#elementCommands('add', this.#added),
      ...this.#last,
    ];
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  #fill({ name, rules }: Chain): void {
    this.#rules.push(`flush chain ${this.#table} ${name}`);
    for (const rule of rules) this.#rules.push(`add rule ${this.#table} ${name} ${rule}`);
  }

  #elementCommands(verb: 'add' | 'delete', elements: readonly Element[]): readonly string[] {
    const bySet = Map.groupBy(elements, ({ set }) => set);
    const lines: string[] = [];
    for (const [set, members] of bySet) {
      for (let from = 0; from < members.length; from += elementsPerCommand) {
        const texts = members
          .slice(from, from + elementsPerCommand)
          .map(({ key, value }) => (verb === 'delete' || value === '' ? key : `${key} : ${value}`));
        lines.push(`${verb} element ${this.#table} ${set} { ${texts.join(', ')} }`);
      }
    }
    return lines;
  }
}
