import { DataPlaneError } from '../../../controller/base/index.ts';
import type { Listing } from './listing.ts';
import type { Nft, TableState } from './nft.ts';

interface FakeTable {
  readonly chains: Map<string, string[]>;
  readonly sets: Map<string, Map<string, string>>;
}

/**
 * nftables in memory, for tests: takes the transactions that the plane writes, all or nothing,
 * and refuses what the kernel would: missing objects, elements that are there with another value,
 * chains that rules or maps still lead to.
 */
export class FakeNft implements Nft {
  /** Transactions applied, as they came. */
  readonly applied: string[] = [];
  /** Text that makes any transaction that contains it be refused. */
  poison: string | undefined = undefined;
  /** The next `apply` fails with this. */
  nextError: DataPlaneError | undefined = undefined;
  #tables = new Map<string, FakeTable>();

  async apply(transaction: string): Promise<void> {
    if (transaction === '') return;
    const error = this.nextError;
    this.nextError = undefined;
    if (error) throw error;
    const before = this.#tables;
    this.#tables = structuredClone(before);
    try {
      for (const line of transaction.trimEnd().split('\n')) this.#command(line);
      this.#checkReferences();
    } catch (refused) {
      this.#tables = before;
      throw refused;
    }
    this.applied.push(transaction);
  }

  async list(table: string): Promise<Listing | undefined> {
    const found = this.#tables.get(table);
    if (!found) return undefined;
    const chains = new Map([...found.chains].map(([name, rules]) => [name, rules.length]));
    return { chains, sets: structuredClone(found.sets) };
  }

  async probe(table: string, fingerprint: string): Promise<TableState> {
    const found = this.#tables.get(table);
    if (!found?.chains.has(fingerprint)) return 'gone';
    const rules = [...found.chains.values()].flat();
    return rules.includes(`jump ${fingerprint}`) ? 'intact' : 'flushed';
  }

  async version(): Promise<string> {
    return '1.0.6';
  }

  /** As `nft flush ruleset` by somebody else. */
  flushRuleset(): void {
    this.#tables.clear();
  }

  /** As `nft flush table`: rules go, everything else stays. */
  flushTable(table: string): void {
    for (const rules of this.#tables.get(table)?.chains.values() ?? []) rules.length = 0;
  }

  /** The elements of a set or map, as text; empty if there is no such. */
  elements(table: string, set: string): readonly string[] {
    const found = this.#tables.get(table)?.sets.get(set) ?? new Map<string, string>();
    return [...found].map(([key, value]) => (value === '' ? key : `${key} : ${value}`)).toSorted();
  }

  chains(table: string): readonly string[] {
    return [...(this.#tables.get(table)?.chains.keys() ?? [])].toSorted();
  }

  #command(line: string): void {
    if (this.poison !== undefined && line.includes(this.poison)) refuse('poisoned', line);
    const [verb = '', kind = '', ip = '', name = '', object = '', ...rest] = line.split(' ');
    const table = `${ip} ${name}`;
    if (kind === 'table') return this.#tableCommand(verb, table, line);
    const found = this.#tables.get(table) ?? refuse('No such file or directory', line);
    if (kind === 'element') return elementCommand(found, verb, object, rest.join(' '), line);
    if (kind === 'set' || kind === 'map') {
      if (verb === 'add') found.sets.set(object, found.sets.get(object) ?? new Map());
      else if (!found.sets.delete(object)) refuse('No such file or directory', line);
    } else {
      chainCommand(found, `${verb} ${kind}`, object, rest.join(' '), line);
    }
  }

  #tableCommand(verb: string, table: string, line: string): void {
    if (verb === 'delete') {
      if (!this.#tables.delete(table)) refuse('No such file or directory', line);
    } else if (!this.#tables.has(table)) {
      this.#tables.set(table, { chains: new Map(), sets: new Map() });
    }
  }

  #checkReferences(): void {
    for (const { chains, sets } of this.#tables.values()) {
      const rules = [...chains.values()].flat();
      const verdicts = [...sets.values()].flatMap((elements) => [...elements.values()]);
      for (const text of [...rules, ...verdicts]) {
        for (const [, chain = ''] of text.matchAll(/(?:goto|jump) (\S+?)(?:[,;\s]|$)/g)) {
          if (!chains.has(chain)) refuse('Device or resource busy', text);
        }
        for (const [, set = ''] of text.matchAll(/@([a-z][\w-]*)/g)) {
          if (!sets.has(set)) refuse('Device or resource busy', text);
        }
      }
    }
  }
}

function chainCommand(
  { chains }: FakeTable,
  command: string,
  name: string,
  rule: string,
  line: string,
): void {
  if (command === 'add chain') {
    chains.set(name, chains.get(name) ?? []);
    return;
  }
  const rules = chains.get(name) ?? refuse('No such file or directory', line);
  if (command === 'add rule') rules.push(rule);
  else if (command === 'flush chain') rules.length = 0;
  else if (command === 'delete chain') chains.delete(name);
  else refuse('syntax error', line);
}

function elementCommand(
  { sets }: FakeTable,
  verb: string,
  name: string,
  braced: string,
  line: string,
): void {
  const set = sets.get(name) ?? refuse('No such file or directory', line);
  for (const text of braced.replace(/^\{ | \}$/g, '').split(', ')) {
    const [key = '', value = ''] = text.split(' : ');
    if (verb === 'delete') {
      if (!set.delete(key)) refuse('No such file or directory', text);
    } else {
      if (set.has(key) && set.get(key) !== value) refuse('File exists', text);
      set.set(key, value);
    }
  }
}

function refuse(why: string, at: string): never {
  throw new DataPlaneError('TransactionRefused', `${why} at "${at}"`, false);
}
