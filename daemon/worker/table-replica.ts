import type { DiffMessage, PlaneName, PlaneTables, SnapshotMessage } from './protocol.ts';

/**
 * A worker's copy of one plane's table. Tables that were handed out never change: a batch of
 * messages is merged into copies of the maps. One copy of 10 000 entries takes about half a
 * millisecond, so a batch pays for one, however many changes it holds.
 */
export class TableReplica {
  #tables: { [P in PlaneName]?: Mutable<PlaneTables[P]['table']> } = {};

  /**
   * Applies messages in order.
   * @throws RangeError when a diff does not follow the table held: a message was lost
   */
  apply(messages: readonly (SnapshotMessage | DiffMessage)[]): void {
    this.#copy();
    for (const message of messages) {
      if (message.kind === 'snapshot') this.#load(message);
      else this.#merge(message);
    }
  }

  /** The newest table. */
  table<P extends PlaneName>(plane: P): PlaneTables[P]['table'] | undefined {
    return this.#tables[plane];
  }

  /** Leaves what was handed out alone. */
  #copy(): void {
    const { l4, dns, ingress } = this.#tables;
    this.#tables = {
      ...(l4 && { l4: { ...l4, ports: new Map(l4.ports) } }),
      ...(dns && {
        dns: {
          ...dns,
          namespaces: new Set(dns.namespaces),
          services: new Map(dns.services),
          pods: new Map(dns.pods),
        },
      }),
      ...(ingress && {
        ingress: {
          ...ingress,
          hosts: new Map(ingress.hosts),
          pools: new Map(ingress.pools),
          certificates: new Map(ingress.certificates),
        },
      }),
    };
  }

  #load(message: SnapshotMessage): void {
    switch (message.plane) {
      case 'l4':
        this.#tables.l4 = { ...message.table, ports: new Map(message.table.ports) };
        return;
      case 'dns':
        this.#tables.dns = {
          ...message.table,
          namespaces: new Set(message.table.namespaces),
          services: new Map(message.table.services),
          pods: new Map(message.table.pods),
        };
        return;
      case 'ingress':
        this.#tables.ingress = {
          ...message.table,
          hosts: new Map(message.table.hosts),
          pools: new Map(message.table.pools),
          certificates: new Map(message.table.certificates),
        };
        return;
      default:
        message satisfies never;
    }
  }

  #merge(message: DiffMessage): void {
    const held = this.#tables[message.plane]?.generation;
    if (held !== message.diff.fromGeneration) {
      throw new RangeError(
        `${message.plane} diff follows generation ${message.diff.fromGeneration}, held is ${held}`,
      );
    }
    switch (message.plane) {
      case 'l4':
        return this.#mergeServices(message.generation, message.diff);
      case 'dns':
        return this.#mergeZones(message.generation, message.diff);
      case 'ingress':
        return this.#mergeRoutes(message.generation, message.diff);
      default:
        message satisfies never;
    }
  }

  #mergeServices(generation: number, diff: PlaneTables['l4']['diff']): void {
    const table = this.#tables.l4;
    if (!table) return;
    mergeMap(table.ports, diff.upserted, diff.removed, (port) => port.key);
    table.generation = generation;
  }

  #mergeZones(generation: number, diff: PlaneTables['dns']['diff']): void {
    const table = this.#tables.dns;
    if (!table) return;
    mergeMap(table.services, diff.upserted, diff.removed, (one) => `${one.namespace}/${one.name}`);
    for (const name of diff.namespacesAdded) table.namespaces.add(name);
    for (const name of diff.namespacesRemoved) table.namespaces.delete(name);
    for (const { namespace, addresses } of diff.pods) {
      if (addresses.length > 0) table.pods.set(namespace, new Set(addresses));
      else table.pods.delete(namespace);
    }
    table.serial = diff.serial;
    table.generation = generation;
  }

  #mergeRoutes(generation: number, diff: PlaneTables['ingress']['diff']): void {
    const table = this.#tables.ingress;
    if (!table) return;
    mergeMap(table.hosts, diff.hosts.upserted, diff.hosts.removed, (one) => one.host);
    mergeMap(table.pools, diff.pools.upserted, diff.pools.removed, (one) => one.key);
    const { certificates } = diff;
    mergeMap(table.certificates, certificates.upserted, certificates.removed, (one) => one.id);
    table.defaultBackend = diff.defaultBackend;
    table.generation = generation;
  }
}

/** A table whose top-level maps may be written: only the replica's own. */
type Mutable<Table> = {
  -readonly [Field in keyof Table]: Table[Field] extends ReadonlyMap<infer K, infer V>
    ? Map<K, V>
    : Table[Field] extends ReadonlySet<infer V>
      ? Set<V>
      : Table[Field];
};

function mergeMap<Value>(
  map: Map<string, Value>,
  upserted: readonly Value[],
  removed: readonly string[],
  keyOf: (value: Value) => string,
): void {
  for (const key of removed) map.delete(key);
  for (const value of upserted) map.set(keyOf(value), value);
}
