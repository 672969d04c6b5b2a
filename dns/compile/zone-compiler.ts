import { isDeepStrictEqual } from 'node:util';
import { PersistentMap, type Problem } from '../../controller/base/index.ts';
import { type BundleChanges, bundleKey, type Pod } from '../../controller/objects/index.ts';
import { Namespaces } from './namespaces.ts';
import { PodAddresses } from './pod-addresses.ts';
import { compileService } from './service-records.ts';
import type { Labels, ServiceRecords, ZoneDiff, ZoneTable } from './table.ts';

/** What changed in the store since the last `update`. */
export interface ZoneChanges {
  readonly bundles: BundleChanges;
  /** Names. */
  readonly namespaces: {
    readonly upserted: readonly string[];
    readonly removed: readonly string[];
    /** Of those upserted, if `labels` is asked for. */
    readonly labels?: ReadonlyMap<string, Labels>;
  };
  /** Only for `pods verified`; keys are `namespace/name`. */
  readonly pods?: { readonly upserted: readonly Pod[]; readonly removed: readonly string[] };
}

export interface ZoneCompilation {
  readonly table: ZoneTable;
  /** From the last table; undefined for the first, and when no answer changes: the same table then. */
  readonly diff: ZoneDiff | undefined;
  /** Everything wrong now, over all Services. */
  readonly problems: readonly Problem[];
}

/** What the table holds beyond what every configuration needs. */
export interface ZoneCompilerOptions {
  /** Labels of Services and Namespaces. Default false. */
  readonly labels?: boolean;
}

/** Compiles objects to what DNS answers from, at the cost of what changed. No I/O, no clock. */
export class ZoneCompiler {
  readonly #namespaces: Namespaces = new Namespaces();
  readonly #pods: PodAddresses = new PodAddresses();
  readonly #problems: Map<string, readonly Problem[]> = new Map();
  readonly #withLabels: boolean;
  #namespaceLabels: ReadonlyMap<string, Labels> = new Map();
  #records: PersistentMap<ServiceRecords> = PersistentMap.from();
  #table: ZoneTable = {
    generation: 0,
    namespaces: new Set(),
    services: new Map(),
    pods: new Map(),
    serial: 0,
  };

  constructor({ labels = false }: ZoneCompilerOptions = {}) {
    this.#withLabels = labels;
  }

  /** The table as it is; generation 0 and empty before the first change. */
  get table(): ZoneTable {
    return this.#table;
  }

  /** `nowSec`: Unix seconds, the serial if an answer changes. */
  update(changes: ZoneChanges, nowSec: number): ZoneCompilation {
    const services = this.#updateServices(changes.bundles);
    for (const name of changes.namespaces.removed) this.#namespaces.withdraw(name);
    for (const name of changes.namespaces.upserted) this.#namespaces.declare(name);
    const namespaces = this.#namespaces.all();
    const labels = this.#updateLabels(changes.namespaces);
    const podNamespaces = this.#pods.update(
      changes.pods?.upserted ?? [],
      changes.pods?.removed ?? [],
    );
    const diff: ZoneDiff = {
      fromGeneration: this.#table.generation,
      ...services,
      namespacesAdded: [...namespaces.difference(this.#table.namespaces)],
      namespacesRemoved: [...this.#table.namespaces.difference(namespaces)],
      ...(labels && { namespaceLabels: labels }),
      pods: [...podNamespaces].map((namespace) => ({
        namespace,
        addresses: this.#pods.addresses(namespace),
      })),
      // A clock set back must not take the serial back (RFC 1982).
      serial: Math.max(nowSec, this.#table.serial),
    };
    // The first table is one even if it is empty: only with it are names known not to exist.
    const isFirst = this.#table.generation === 0;
    const changed = isFirst || !isEmpty(diff);
    if (changed) {
      this.#records = nextRecords(this.#records, diff);
      this.#table = nextTable(this.#table, diff, namespaces, this.#records);
    }
    return {
      table: this.#table,
      diff: changed && !isFirst ? diff : undefined,
      problems: [...this.#problems.values()].flat(),
    };
  }

  /** All labels of Namespaces, if any changed. */
  #updateLabels({
    labels = new Map(),
    removed,
  }: ZoneChanges['namespaces']): ReadonlyMap<string, Labels> | undefined {
    if (!this.#withLabels) return undefined;
    const next = new Map(this.#namespaceLabels);
    for (const name of removed) next.delete(name);
    for (const [name, own] of labels) next.set(name, own);
    if (isDeepStrictEqual(next, this.#namespaceLabels)) return undefined;
    this.#namespaceLabels = next;
    return next;
  }

  #updateServices({ upserted, removed }: BundleChanges): Pick<ZoneDiff, 'upserted' | 'removed'> {
    const changed = new Map<string, ServiceRecords>();
    const gone = new Set<string>();
    for (const key of removed) {
      const old = this.#table.services.get(key);
      this.#problems.delete(key);
      if (!old || gone.has(key)) continue;
      this.#namespaces.release(old.namespace);
      gone.add(key);
    }
    for (const bundle of upserted) {
      const key = bundleKey(bundle);
      const { records, problems } = compileService(bundle, this.#withLabels);
      if (problems.length > 0) this.#problems.set(key, problems);
      else this.#problems.delete(key);
      const old = this.#table.services.get(key);
      if (gone.delete(key) || !(old || changed.has(key))) {
        this.#namespaces.imply(records.namespace);
      }
      if (isDeepStrictEqual(old, records)) changed.delete(key);
      else changed.set(key, records);
    }
    return { upserted: [...changed.values()], removed: [...gone] };
  }
}

function isEmpty(diff: ZoneDiff): boolean {
  const { upserted, removed, namespacesAdded, namespacesRemoved, pods } = diff;
  if (diff.namespaceLabels) return false;
  return [upserted, removed, namespacesAdded, namespacesRemoved, pods].every(
    (changes) => changes.length === 0,
  );
}

function nextTable(
  last: ZoneTable,
  diff: ZoneDiff,
  namespaces: ReadonlySet<string>,
  services: ZoneTable['services'],
): ZoneTable {
  return {
    generation: last.generation + 1,
    namespaces,
    services,
    pods: diff.pods.length > 0 ? nextPods(last, diff) : last.pods,
    serial: diff.serial,
    ...namespaceLabels(diff.namespaceLabels ?? last.namespaceLabels),
  };
}

function namespaceLabels(labels: ZoneTable['namespaceLabels']): Pick<ZoneTable, 'namespaceLabels'> {
  return labels ? { namespaceLabels: labels } : {};
}

function nextRecords(
  last: PersistentMap<ServiceRecords>,
  { upserted, removed }: ZoneDiff,
): PersistentMap<ServiceRecords> {
  return last.with(
    upserted.map((records) => [`${records.namespace}/${records.name}`, records] as const),
    removed,
  );
}

function nextPods(last: ZoneTable, diff: ZoneDiff): ZoneTable['pods'] {
  const pods = new Map(last.pods);
  for (const { namespace, addresses } of diff.pods) {
    if (addresses.length > 0) pods.set(namespace, new Set(addresses));
    else pods.delete(namespace);
  }
  return pods;
}
