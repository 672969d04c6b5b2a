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
  #accepted: readonly string[] = [];
  #dispatch: Dispatch;
  #book: RuleBook;
  /** The empty chain that says which rules are in force; '': none is known to be. */
  #fingerprint = '';
  /** What was found and is still to be replaced; undefined: everything is ours and known. */
  #stale: Present | undefined = nothing;

  constructor(family: IPFamily, iptables: () => Promise<Iptables>, options: KernelPlaneOptions) {
    this.family = family;
    this.#iptables = iptables;
    this.#options = options;
    this.#names = new ChainNames((options.ownName ?? defaultPrefix).toUpperCase());
    this.#ruleOptions = {
      detector: options.detector ?? { kind: 'none' },
      sourceFilter: (ranges, ips) => sourceFilter(ranges, ips, options.node.primary),
    };
    this.#dispatch = this.#newDispatch();
    this.#book = new RuleBook(this.#dispatch);
  }

  async reconcile(ports: readonly ServicePort[]): Promise<Refusals> {
    const changes = this.#begin(ports);
    const present = await this.#read();
    this.#book.change(changes);
    const { nat, filter } = present.missingJumps;
    const isWhole = nat.length + filter.length === 0;
    const fingerprint = this.#currentFingerprint();
    if (isWhole && present.chains.nat.includes(fingerprint)) {
      this.#fingerprint = fingerprint;
      this.#stale = undefined;
      return new Map();
    }
    return await this.#rewrite(changes, present);
  }

  async apply(upserted: readonly ServicePort[], removed: readonly string[]): Promise<Refusals> {
    const changes = new Map<string, Change[1]>();
    for (const key of removed) changes.set(key, undefined);
    for (const port of upserted) changes.set(port.key, this.#translate(port));
    const { rules } = this.#book;
    const real = [...changes].filter(([key, next]) => next?.digest !== rules.get(key)?.digest);
    return real.length === 0 ? new Map() : await this.#commit(real);
  }

  async check(): Promise<'intact' | 'repaired'> {
    const iptables = await this.#iptables();
    const wanted = jumps(this.#names);
    let isIntact = this.#accepted.join() === this.#acceptedAddresses().join();
    for (const table of tableNames) {
      const [first] = wanted[table];
      isIntact &&= first !== undefined && (await iptables.has(table, first));
    }
    if (isIntact) return 'intact';
    await this.#rewrite([...this.#book.rules], await this.#read());
    return 'repaired';
  }

  async sweep(): Promise<void> {}

  plan(ports: readonly ServicePort[]): string {
    const changes = this.#begin(ports);
    this.#stale = { ...nothing, missingJumps: jumps(this.#names) };
    this.#book.change(changes);
    return this.#text(this.#book.all());
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
    this.#begin([]);
  }

  /** From a built-in chain into one of ours. */
  #isJump(line: string): boolean {
    const match = /^-A (\S+) .*-j (\S+)$/.exec(line);
    return (
      match !== null && !this.#names.isOurs(match[1] ?? '') && this.#names.isOurs(match[2] ?? '')
    );
  }

  /** Nothing is known any more of what the kernel has; gives what it should have. */
  #begin(ports: readonly ServicePort[]): readonly Change[] {
    this.#accepted = this.#acceptedAddresses();
    this.#dispatch = this.#newDispatch();
    this.#book = new RuleBook(this.#dispatch);
    this.#fingerprint = '';
    return ports.map((port) => [port.key, this.#translate(port)]);
  }

  /** Everything anew, in place of what was found. */
  async #rewrite(changes: readonly Change[], present: Present): Promise<Refusals> {
    this.#accepted = this.#acceptedAddresses();
    this.#dispatch = this.#newDispatch();
    this.#book = new RuleBook(this.#dispatch);
    this.#fingerprint = '';
    this.#stale = present;
    return await this.#commit(changes);
  }

  /** One write; if it is refused, halves of it, until the culprits are alone. */
  async #commit(changes: readonly Change[]): Promise<Refusals> {
    const before = changes.map(([key]) => this.#book.rules.get(key));
    const writes = this.#book.change(changes);
    try {
      await (await this.#iptables()).restore(this.#text(this.#stale ? this.#book.all() : writes));
    } catch (error) {
      this.#book.undo(changes, before);
      if (!(error instanceof DataPlaneError) || error.retryable) throw error;
      const [only] = changes;
      if (changes.length <= 1) return only ? new Map([[only[0], error]]) : new Map();
      const middle = changes.length >>> 1;
      const first = await this.#commit(changes.slice(0, middle));
      const second = await this.#commit(changes.slice(middle));
      return new Map([...first, ...second]);
    }
    this.writes += 1;
    this.#book.settled();
    this.#fingerprint = this.#currentFingerprint();
    this.#stale = undefined;
    return new Map();
  }

  /** What the writes are to the kernel, with everything that goes along with them. */
  #text({ nat, filter }: ChainWrites): string {
    const fingerprint = this.#currentFingerprint();
    const stale = this.#stale;
    const fixed = fixedChains(this.#names, this.#mark, this.family);
    const chains = {
      filter: new Map([...(stale ? fixed.filter : []), ...filter.chains]),
      nat: new Map([...(stale ? fixed.nat : []), ...nat.chains]).set(fingerprint, []),
    };
    const unused = {
      filter: new Set([...filter.unused, ...(stale?.chains.filter ?? [])]),
      nat: new Set([...nat.unused, ...(stale?.chains.nat ?? [])]),
    };
    if (this.#fingerprint !== '') unused.nat.add(this.#fingerprint);
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

  #translate(port: ServicePort): ReturnType<typeof portRules> {
    const context = { names: this.#names, dispatch: this.#dispatch, options: this.#ruleOptions };
    return portRules(port, context);
  }

  #newDispatch(): Dispatch {
    const { masqueradeAll, nodePortAddresses, detector } = this.#options;
    const wanted = nodePortAddresses ?? { kind: 'primary' };
    return new Dispatch(this.#names, {
      family: this.family,
      mark: this.#mark,
      masqueraded: masqueradeAll ? '' : notFromPod(detector ?? { kind: 'none' }, this.family),
      toNodePorts: toNodePorts(this.#names, this.family, wanted, this.#accepted),
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
  #currentFingerprint(): string {
    const { masqueraded, mark, toNodePorts } = this.#dispatch.options;
    const shared = [formatVersion, this.family, masqueraded ?? null, mark, toNodePorts];
    const hash = createHash('sha256').update(JSON.stringify([shared, this.#book.digest]));
    return this.#names.fingerprint(hash.digest('hex'));
  }
}
