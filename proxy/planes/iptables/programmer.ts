import { createHash } from 'node:crypto';
import { DataPlaneError } from '../../../controller/base/index.ts';
import type { IPFamily } from '../../../controller/objects/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import {
  defaultMasqueradeBit,
  type FamilyProgrammer,
  type KernelPlaneOptions,
  nodePortAddressesOf,
  type Refusals,
  sourceFilter,
} from '../kernel/index.ts';
import { ChainNames, type RuleOptions } from './chain-names.ts';
import { notFromPod } from './detector-match.ts';
import { Dispatch } from './dispatch.ts';
import { fixedChains, markText, toNodePorts } from './fixed-chains.ts';
import type { Iptables } from './iptables.ts';
import { portRules } from './port-rules.ts';
import { type Jumps, jumps, noJumps, restoreText } from './restore-text.ts';
import { type Change, type ChainWrites, RuleBook } from './rule-book.ts';
import type { TableName } from './shared-chains.ts';

export const defaultPrefix = 'PORTOLAN';

/** What the kernel has of ours, as found: by table, our chains and the jumps that are missing. */
interface Present {
  readonly chains: Readonly<Record<TableName, readonly string[]>>;
  readonly missingJumps: Jumps;
}

/** Changes with the fixed chains: then what another version wrote is not taken for ours. */
const formatVersion = 2;

const tableNames: readonly TableName[] = ['filter', 'nat'];
/** The rules as they should be, and what is known of how far the kernel has them. */
interface State {
  /** Addresses that serve NodePorts. */
  readonly accepted: readonly string[];
  readonly dispatch: Dispatch;
  readonly book: RuleBook;
  /** The empty chain that says which rules are in force; '': none is known to be. */
  fingerprint: string;
  /** What was found and is still to be replaced; undefined: everything is ours and known. */
  stale: Present | undefined;
}

const nothing: Present = { chains: { nat: [], filter: [] }, missingJumps: noJumps };

/** Programs the Service ports of one family into `nat` and `filter`. */
export class IptablesProgrammer implements FamilyProgrammer {
  readonly family: IPFamily;
  readonly hasIdle = false;
  writes = 0;
  readonly #options: KernelPlaneOptions;
  readonly #ruleOptions: RuleOptions;
  readonly #names: ChainNames;
  readonly #iptables: () => Promise<Iptables>;
  #state: State;

  constructor(family: IPFamily, iptables: () => Promise<Iptables>, options: KernelPlaneOptions) {
    this.family = family;
    this.#iptables = iptables;
    this.#options = options;
    this.#names = new ChainNames((options.ownName ?? defaultPrefix).toUpperCase());
    this.#ruleOptions = {
      detector: options.detector ?? { kind: 'none' },
      sourceFilter: (ranges, ips) => sourceFilter(ranges, ips, options.node.primary),
    };
    this.#state = this.#begin(nothing);
  }

  async reconcile(ports: readonly ServicePort[]): Promise<Refusals> {
    const present = await this.#read();
    const state = this.#begin(present);
    const changes = this.#translateAll(ports, state);
    state.book.change(changes);
    const { nat, filter } = present.missingJumps;
    const isWhole = nat.length + filter.length === 0;
    const fingerprint = this.#fingerprintOf(state);
    if (!isWhole || !present.chains.nat.includes(fingerprint)) {
      return await this.#rewrite(ports, present);
    }
    this.#state = { ...state, fingerprint, stale: undefined };
    return new Map();
  }

  async apply(upserted: readonly ServicePort[], removed: readonly string[]): Promise<Refusals> {
    const changes = new Map<string, Change[1]>();
    for (const key of removed) changes.set(key, undefined);
    for (const [key, rules] of this.#translateAll(upserted, this.#state)) changes.set(key, rules);
    const { rules } = this.#state.book;
    const real = [...changes].filter(([key, next]) => next?.digest !== rules.get(key)?.digest);
    return real.length === 0 ? new Map() : await this.#commit(real);
  }

  async check(): Promise<'intact' | 'repaired'> {
    const iptables = await this.#iptables();
    const wanted = jumps(this.#names);
    let isIntact = this.#state.accepted.join() === this.#acceptedAddresses().join();
    for (const table of tableNames) {
      const [first] = wanted[table];
      isIntact &&= first !== undefined && (await iptables.has(table, first));
    }
    if (isIntact) return 'intact';
    const state = this.#begin(await this.#read());
    const changes = [...this.#state.book.rules];
    this.#state = state;
    await this.#commit(changes);
    return 'repaired';
  }

  async sweep(): Promise<void> {}

  plan(ports: readonly ServicePort[]): string {
    const state = this.#begin({ ...nothing, missingJumps: jumps(this.#names) });
    state.book.change(this.#translateAll(ports, state));
    return this.#text(state, state.book.all());
  }

  async remove(): Promise<void> {
    const iptables = await this.#iptables();
    const text = [];
    for (const table of ['nat', 'filter'] as const) {
      const saved = await iptables.save(table);
      const chains = [...saved.matchAll(/^:(\S+) /gm)]
        .map(([, name = '']) => name)
        .filter((name) => this.#names.isOurs(name));
      if (chains.length === 0) continue;
      const entries = saved.split('\n').filter((line) => this.#isJump(line));
      text.push(
        `*${table}`,
        ...chains.map((name) => `:${name} - [0:0]`),
        ...entries.map((line) => line.replace('-A', '-D')),
        ...chains.map((name) => `-X ${name}`),
        'COMMIT',
        '',
      );
    }
    if (text.length > 0) await iptables.restore(text.join('\n'));
    this.#state = this.#begin(nothing);
  }

  /** From a built-in chain into one of ours. */
  #isJump(line: string): boolean {
    const match = /^-A (\S+) .*-j (\S+)$/.exec(line);
    return (
      match !== null && !this.#names.isOurs(match[1] ?? '') && this.#names.isOurs(match[2] ?? '')
    );
  }

  /** No rules yet, in place of what is `present`. */
  #begin(present: Present): State {
    const accepted = this.#acceptedAddresses();
    const dispatch = this.#dispatchTo(accepted);
    return { accepted, dispatch, book: new RuleBook(dispatch), fingerprint: '', stale: present };
  }

  /** Everything anew, in place of what was found. */
  async #rewrite(ports: readonly ServicePort[], present: Present): Promise<Refusals> {
    this.#state = this.#begin(present);
    return await this.#commit(this.#translateAll(ports, this.#state));
  }

  /** One write; if it is refused, halves of it, until the culprits are alone. */
  async #commit(changes: readonly Change[]): Promise<Refusals> {
    const state = this.#state;
    const before = changes.map(([key]) => state.book.rules.get(key));
    const writes = state.book.change(changes);
    const text = this.#text(state, state.stale ? state.book.all() : writes);
    try {
      await (await this.#iptables()).restore(text);
    } catch (error) {
      state.book.undo(changes, before);
      if (!(error instanceof DataPlaneError) || error.retryable) throw error;
      const [only] = changes;
      if (changes.length <= 1) return only ? new Map([[only[0], error]]) : new Map();
      const middle = changes.length >>> 1;
      const first = await this.#commit(changes.slice(0, middle));
      const second = await this.#commit(changes.slice(middle));
      return new Map([...first, ...second]);
    }
    this.writes += 1;
    state.book.settled();
    state.fingerprint = this.#fingerprintOf(state);
    state.stale = undefined;
    return new Map();
  }

  /** What the writes are to the kernel, with everything that goes along with them. */
  #text(state: State, { nat, filter }: ChainWrites): string {
    const fingerprint = this.#fingerprintOf(state);
    const { stale } = state;
    const fixed = fixedChains(this.#names, this.#mark, this.family);
    const chains = {
      filter: new Map([...(stale ? fixed.filter : []), ...filter.chains]),
      nat: new Map([...(stale ? fixed.nat : []), ...nat.chains]).set(fingerprint, []),
    };
    const unused = {
      filter: new Set([...filter.unused, ...(stale?.chains.filter ?? [])]),
      nat: new Set([...nat.unused, ...(stale?.chains.nat ?? [])]),
    };
    if (state.fingerprint !== '') unused.nat.add(state.fingerprint);
    for (const table of tableNames) {
      for (const name of chains[table].keys()) unused[table].delete(name);
    }
    const missing = stale?.missingJumps ?? noJumps;
    return restoreText({
      filter: { chains: chains.filter, unused: unused.filter, jumps: missing.filter },
      nat: { chains: chains.nat, unused: unused.nat, jumps: missing.nat },
    });
  }

  /** Reads the tables. */
  async #read(): Promise<Present> {
    const iptables = await this.#iptables();
    const saved = { nat: await iptables.save('nat'), filter: await iptables.save('filter') };
    const wanted = jumps(this.#names);
    const ours = (table: TableName): readonly string[] =>
      [...saved[table].matchAll(/^:(\S+) /gm)]
        .map(([, name = '']) => name)
        .filter((name) => this.#names.isOurs(name));
    const lacking = (table: TableName): readonly string[] =>
      wanted[table].filter((rule) => !saved[table].includes(`-A ${rule}\n`));
    return {
      chains: { nat: ours('nat'), filter: ours('filter') },
      missingJumps: { nat: lacking('nat'), filter: lacking('filter') },
    };
  }

  #translateAll(ports: readonly ServicePort[], { dispatch }: State): readonly Change[] {
    const context = { names: this.#names, dispatch, options: this.#ruleOptions };
    return ports.map((port) => [port.key, portRules(port, context)]);
  }

  #dispatchTo(accepted: readonly string[]): Dispatch {
    const { masqueradeAll, nodePortAddresses, detector } = this.#options;
    const wanted = nodePortAddresses ?? { kind: 'primary' };
    return new Dispatch(this.#names, {
      family: this.family,
      mark: this.#mark,
      masqueraded: masqueradeAll ? '' : notFromPod(detector ?? { kind: 'none' }, this.family),
      toNodePorts: toNodePorts(this.#names, this.family, wanted, accepted),
    });
  }

  get #mark(): string {
    return markText(this.#options.masqueradeBit ?? defaultMasqueradeBit);
  }

  #acceptedAddresses(): readonly string[] {
    const wanted = this.#options.nodePortAddresses ?? { kind: 'primary' };
    return wanted.kind === 'all'
      ? []
      : nodePortAddressesOf(this.family, wanted, this.#options.node);
  }

  /** Of the rules as they should be, those that no Service changes included. */
  #fingerprintOf({ dispatch, book }: State): string {
    const { masqueraded, mark, toNodePorts: nodePorts } = dispatch.options;
    const shared = [formatVersion, this.family, masqueraded ?? null, mark, nodePorts];
    const hash = createHash('sha256').update(JSON.stringify([shared, book.digest]));
    return this.#names.fingerprint(hash.digest('hex'));
  }
}
