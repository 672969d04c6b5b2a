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
import type { Iptables } from './iptables.ts';
import { type PortRules, portRules } from './port-rules.ts';
import { type Jumps, jumps, noJumps, restoreText, type SharedOptions } from './restore-text.ts';

export const defaultPrefix = 'PORTOLAN';

type Change = readonly [key: string, rules: PortRules | undefined];

/** Programs the Service ports of one family into `nat` and `filter`. */
export class IptablesProgrammer implements FamilyProgrammer {
  readonly family: IPFamily;
  readonly hasIdle = false;
  writes = 0;
  readonly #options: KernelPlaneOptions;
  readonly #ruleOptions: RuleOptions;
  readonly #names: ChainNames;
  readonly #iptables: () => Promise<Iptables>;
  #rules = new Map<string, PortRules>();
  #fingerprint = '';
  #accepted: readonly string[] = [];
  /** Looked up when the tables are read; none once they are written. */
  #missingJumps: Jumps = noJumps;

  constructor(family: IPFamily, iptables: () => Promise<Iptables>, options: KernelPlaneOptions) {
    this.family = family;
    this.#iptables = iptables;
    this.#options = options;
    this.#names = new ChainNames((options.ownName ?? defaultPrefix).toUpperCase());
    this.#ruleOptions = {
      detector: options.detector ?? { kind: 'none' },
      masqueradeAll: options.masqueradeAll ?? false,
      sourceFilter: (ranges, ips) => sourceFilter(ranges, ips, options.node.primary),
    };
  }

  async reconcile(ports: readonly ServicePort[]): Promise<Refusals> {
    this.#accepted = this.#acceptedAddresses();
    const desired = new Map(ports.map((port) => [port.key, this.#translate(port)]));
    const present = await this.#read();
    const fingerprint = this.#fingerprintOf(desired);
    const isMissing = this.#missingJumps.nat.length + this.#missingJumps.filter.length > 0;
    if (!isMissing && present.includes(fingerprint)) {
      this.#rules = desired;
      this.#fingerprint = fingerprint;
      return new Map();
    }
    return await this.#rewrite([...desired], present);
  }

  async apply(upserted: readonly ServicePort[], removed: readonly string[]): Promise<Refusals> {
    const changes = new Map<string, PortRules | undefined>();
    for (const key of removed) changes.set(key, undefined);
    for (const port of upserted) changes.set(port.key, this.#translate(port));
    const real = [...changes].filter(
      ([key, next]) => next?.digest !== this.#rules.get(key)?.digest,
    );
    return real.length === 0 ? new Map() : await this.#commit(real, []);
  }

  async check(): Promise<'intact' | 'repaired'> {
    const iptables = await this.#iptables();
    const wanted = Object.entries(jumps(this.#names)) as ['nat' | 'filter', readonly string[]][];
    let isIntact = this.#accepted.join() === this.#acceptedAddresses().join();
    for (const [table, rules] of wanted) {
      isIntact &&= rules[0] !== undefined && (await iptables.has(table, rules[0]));
    }
    if (isIntact) return 'intact';
    this.#accepted = this.#acceptedAddresses();
    await this.#rewrite([...this.#rules], await this.#read());
    return 'repaired';
  }

  async sweep(): Promise<void> {}

  plan(ports: readonly ServicePort[]): string {
    this.#accepted = this.#acceptedAddresses();
    const desired = new Map(ports.map((port) => [port.key, this.#translate(port)]));
    const all = [...desired.values()];
    const fingerprint = this.#fingerprintOf(desired);
    const missingJumps = jumps(this.#names);
    const write = { all, changed: all, unused: [], fingerprint, missingJumps };
    return restoreText(write, this.#names, this.#shared());
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
    this.#rules = new Map();
    this.#fingerprint = '';
  }

  /** From a built-in chain into one of ours. */
  #isJump(line: string): boolean {
    const match = /^-A (\S+) .*-j (\S+)$/.exec(line);
    return (
      match !== null && !this.#names.isOurs(match[1] ?? '') && this.#names.isOurs(match[2] ?? '')
    );
  }

  /** One write; if it is refused, halves of it, until the culprits are alone. */
  async #commit(changes: readonly Change[], present: readonly string[]): Promise<Refusals> {
    const before = this.#rules;
    const next = new Map(before);
    const unused = new Set(present);
    for (const [key, rules] of changes) {
      for (const name of before.get(key)?.chains.keys() ?? []) unused.add(name);
      if (rules) next.set(key, rules);
      else next.delete(key);
    }
    for (const [, rules] of changes)
      for (const name of rules?.chains.keys() ?? []) unused.delete(name);
    for (const name of this.#sharedNames()) unused.delete(name);
    const fingerprint = this.#fingerprintOf(next);
    if (this.#fingerprint !== '') unused.add(this.#fingerprint);
    unused.delete(fingerprint);
    const changed = changes.flatMap(([, rules]) => rules ?? []);
    const missingJumps = this.#missingJumps;
    const write = { all: next.values(), changed, unused, fingerprint, missingJumps };
    try {
      await this.#restore(restoreText(write, this.#names, this.#shared()));
    } catch (error) {
      if (!(error instanceof DataPlaneError) || error.retryable) throw error;
      const [only] = changes;
      if (changes.length <= 1) return only ? new Map([[only[0], error]]) : new Map();
      const middle = changes.length >>> 1;
      const first = await this.#commit(changes.slice(0, middle), present);
      const second = await this.#commit(changes.slice(middle), []);
      return new Map([...first, ...second]);
    }
    this.#rules = next;
    this.#fingerprint = fingerprint;
    this.#missingJumps = noJumps;
    return new Map();
  }

  /** Reads the tables: which of our chains `nat` has, and which jumps are missing. */
  async #read(): Promise<readonly string[]> {
    const iptables = await this.#iptables();
    const nat = await iptables.save('nat');
    const filter = await iptables.save('filter');
    const lacks = (saved: string) => (rule: string) => !saved.includes(`-A ${rule}\n`);
    const wanted = jumps(this.#names);
    this.#missingJumps = {
      nat: wanted.nat.filter(lacks(nat)),
      filter: wanted.filter.filter(lacks(filter)),
    };
    const chains = [...nat.matchAll(/^:(\S+) /gm)].map(([, name = '']) => name);
    return chains.filter((name) => this.#names.isOurs(name));
  }

  /** Everything anew, as if nothing were known of what is there. */
  async #rewrite(changes: readonly Change[], present: readonly string[]): Promise<Refusals> {
    this.#rules = new Map();
    this.#fingerprint = '';
    return await this.#commit(changes, present);
  }

  async #restore(text: string): Promise<void> {
    await (await this.#iptables()).restore(text);
    this.writes += 1;
  }

  #translate(port: ServicePort): PortRules {
    return portRules(port, this.#names, this.#ruleOptions);
  }

  #shared(): SharedOptions {
    const { masqueradeBit, nodePortAddresses } = this.#options;
    return {
      family: this.family,
      masqueradeBit: masqueradeBit ?? defaultMasqueradeBit,
      nodePortAddresses: nodePortAddresses ?? { kind: 'primary' },
      acceptedAddresses: this.#accepted,
    };
  }

  #sharedNames(): readonly string[] {
    const { services, nodePorts, markMasquerade, postrouting } = this.#names;
    return [services, nodePorts, markMasquerade, postrouting];
  }

  #acceptedAddresses(): readonly string[] {
    const wanted = this.#options.nodePortAddresses ?? { kind: 'primary' };
    return wanted.kind === 'all'
      ? []
      : nodePortAddressesOf(this.family, wanted, this.#options.node);
  }

  #fingerprintOf(rules: ReadonlyMap<string, PortRules>): string {
    const hash = createHash('sha256').update(JSON.stringify(this.#shared()));
    for (const key of [...rules.keys()].toSorted()) hash.update(rules.get(key)?.digest ?? '');
    return this.#names.fingerprint(hash.digest('hex'));
  }
}
