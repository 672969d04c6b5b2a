import { isDeepStrictEqual } from 'node:util';
import { PersistentMap, type Problem } from '../../controller/base/index.ts';
import {
  type BundleChanges,
  bundleKey,
  type ServiceBundle,
} from '../../controller/objects/index.ts';
import { AddressClaims } from './address-claims.ts';
import { type CompiledService, compileService } from './compile-service.ts';
import type { NodeFacts } from './node-facts.ts';
import { settleClaims } from './settle-claims.ts';
import type { ServiceDiff, ServicePort, ServiceTable } from './table.ts';

export interface ServiceCompilation {
  /** The very same object as before when nothing in it changed. */
  readonly table: ServiceTable;
  /** From the table before to this one. Undefined: no change, or there was no table before. */
  readonly diff: ServiceDiff | undefined;
  /** Everything wrong now, over all Services. */
  readonly problems: readonly Problem[];
}

interface Entry {
  readonly bundle: ServiceBundle;
  readonly compiled: CompiledService;
  /** As they stand in the table. */
  readonly ports: readonly ServicePort[];
}

/**
 * Compiles Services to the table that planes forward by, at the cost of what changed. No I/O, no
 * clock: the same changes make the same tables.
 */
export class ServiceCompiler {
  readonly #entries = new Map<string, Entry>();
  readonly #claims = new AddressClaims();
  readonly #problemsOf = new Map<string, readonly Problem[]>();
  #problems: readonly Problem[] = [];
  #node: NodeFacts;
  #isNodeNew = false;
  #ports: PersistentMap<ServicePort> = PersistentMap.from();
  #table: ServiceTable = { generation: 0, ports: this.#ports };

  constructor(node: NodeFacts) {
    this.#node = node;
  }

  /** The table as it is; generation 0 and empty before the first update. */
  get table(): ServiceTable {
    return this.#table;
  }

  /** Other facts of this node: the next update compiles every Service anew for them. */
  setNode(node: NodeFacts): void {
    this.#isNodeNew ||= !isDeepStrictEqual(node, this.#node);
    this.#node = node;
  }

  update(changes: BundleChanges): ServiceCompilation {
    const unsettled = this.#compile(changes);
    const upserted: ServicePort[] = [];
    const removed: string[] = changes.removed.flatMap((key) => this.#forget(key));
    for (const key of unsettled) this.#settle(key, upserted, removed);
    if (unsettled.size > 0 || changes.removed.length > 0) {
      this.#problems = [...this.#problemsOf.values()].flat();
    }
    const diff = this.#advance(upserted, removed);
    return { table: this.#table, diff, problems: this.#problems };
  }

  /** Compiles what changed. Returns the Services whose place in the table is to be found anew. */
  #compile({ upserted, removed }: BundleChanges): ReadonlySet<string> {
    const unsettled = new Set<string>();
    for (const key of removed) {
      for (const other of this.#claims.replace(key, '', [])) unsettled.add(other);
    }
    for (const bundle of this.#isNodeNew ? this.#allWith(upserted, removed) : upserted) {
      const key = bundleKey(bundle);
      const compiled = compileService(bundle, this.#node);
      const age = bundle.service.metadata.creationTimestamp ?? '';
      for (const other of this.#claims.replace(key, age, compiled.ports)) unsettled.add(other);
      this.#entries.set(key, { bundle, compiled, ports: this.#entries.get(key)?.ports ?? [] });
      unsettled.add(key);
    }
    this.#isNodeNew = false;
    for (const key of removed) unsettled.delete(key);
    return unsettled;
  }

  #allWith(
    upserted: readonly ServiceBundle[],
    removed: readonly string[],
  ): readonly ServiceBundle[] {
    const all = new Map([...this.#entries].map(([key, { bundle }]) => [key, bundle]));
    for (const key of removed) all.delete(key);
    for (const bundle of upserted) all.set(bundleKey(bundle), bundle);
    return [...all.values()];
  }

  /** Returns the keys that leave the table. */
  #forget(key: string): readonly string[] {
    const ports = this.#entries.get(key)?.ports ?? [];
    this.#entries.delete(key);
    this.#problemsOf.delete(key);
    return ports.map((port) => port.key);
  }

  #settle(key: string, upserted: ServicePort[], removed: string[]): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    const settled = entry.compiled.ports.map((port) => settleClaims(port, this.#claims));
    const before = new Map(entry.ports.map((port) => [port.key, port]));
    const ports = settled.map(({ port }) => {
      const old = before.get(port.key);
      before.delete(port.key);
      if (old && isDeepStrictEqual(old, port)) return old;
      upserted.push(port);
      return port;
    });
    removed.push(...before.keys());
    this.#entries.set(key, { ...entry, ports });
    const problems = [...entry.compiled.problems, ...settled.flatMap((one) => one.problems)];
    if (problems.length > 0) this.#problemsOf.set(key, problems);
    else this.#problemsOf.delete(key);
  }

  /** The next table, if there is anything new or none was made yet. */
  #advance(upserted: readonly ServicePort[], removed: readonly string[]): ServiceDiff | undefined {
    const { generation } = this.#table;
    if (generation > 0 && upserted.length === 0 && removed.length === 0) return undefined;
    this.#ports = this.#ports.with(
      upserted.map((port) => [port.key, port] as const),
      removed,
    );
    this.#table = { generation: generation + 1, ports: this.#ports };
    return generation === 0 ? undefined : { fromGeneration: generation, upserted, removed };
  }
}
