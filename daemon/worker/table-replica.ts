import { PersistentMap } from '../../controller/base/index.ts';
import type { ServiceRecords, ZoneTable } from '../../dns/compile/table.ts';
import type { Certificate, HostRoutes, Pool, RouteTable } from '../../ingress/compile/table.ts';
import type { ServicePort, ServiceTable } from '../../proxy/compile/table.ts';
import type { DiffMessage, PlaneName, PlaneTables, SnapshotMessage } from './protocol.ts';

/** The tables, in maps of which the next version costs what changed. */
interface HeldTables {
  readonly l4: ServiceTable & { readonly ports: PersistentMap<ServicePort> };
  readonly dns: ZoneTable & { readonly services: PersistentMap<ServiceRecords> };
  readonly ingress: RouteTable & {
    readonly hosts: PersistentMap<HostRoutes>;
    readonly pools: PersistentMap<Pool>;
    readonly certificates: PersistentMap<Certificate>;
  };
}

/** A worker's copy of the tables. Those that were handed out never change. */
export class TableReplica {
  readonly #tables: { [P in PlaneName]?: HeldTables[P] } = {};

  /**
   * Applies messages in order.
   * @throws RangeError when a diff does not follow the table held: a message was lost
   */
  apply(messages: readonly (SnapshotMessage | DiffMessage)[]): void {
    for (const message of messages) {
      if (message.kind === 'snapshot') this.#load(message);
      else this.#merge(message);
    }
  }

  /** The newest table. */
  table<P extends PlaneName>(plane: P): PlaneTables[P]['table'] | undefined {
    return this.#tables[plane];
  }

  #load({ plane, table }: SnapshotMessage): void {
    switch (plane) {
      case 'l4':
        this.#tables.l4 = { ...table, ports: PersistentMap.from(table.ports) };
        return;
      case 'dns':
        this.#tables.dns = { ...table, services: PersistentMap.from(table.services) };
        return;
      case 'ingress':
        this.#tables.ingress = {
          ...table,
          hosts: PersistentMap.from(table.hosts),
          pools: PersistentMap.from(table.pools),
          certificates: PersistentMap.from(table.certificates),
        };
        return;
      default:
        plane satisfies never;
    }
  }

  #merge(message: DiffMessage): void {
    const held = this.#tables[message.plane];
    if (held?.generation !== message.diff.fromGeneration) {
      throw new RangeError(
        `${message.plane} diff follows generation ${message.diff.fromGeneration}, held is ${held?.generation}`,
      );
    }
    const { l4, dns, ingress } = this.#tables;
    const { generation } = message;
    if (message.plane === 'l4' && l4) {
      this.#tables.l4 = mergeServices(l4, generation, message.diff);
    } else if (message.plane === 'dns' && dns) {
      this.#tables.dns = mergeZones(dns, generation, message.diff);
    } else if (message.plane === 'ingress' && ingress) {
      this.#tables.ingress = mergeRoutes(ingress, generation, message.diff);
    }
  }
}

type Diff<P extends PlaneName> = PlaneTables[P]['diff'];

function mergeServices(
  table: HeldTables['l4'],
  generation: number,
  diff: Diff<'l4'>,
): HeldTables['l4'] {
  return { generation, ports: mergeMap(table.ports, diff, (port) => port.key) };
}

function mergeZones(
  table: HeldTables['dns'],
  generation: number,
  diff: Diff<'dns'>,
): HeldTables['dns'] {
  const added = new Set(diff.namespacesAdded);
  const removed = new Set(diff.namespacesRemoved);
  const labels = diff.namespaceLabels ?? table.namespaceLabels;
  const pods = new Map(table.pods);
  for (const { namespace, addresses } of diff.pods) {
    if (addresses.length > 0) pods.set(namespace, new Set(addresses));
    else pods.delete(namespace);
  }
  return {
    generation,
    namespaces:
      added.size + removed.size > 0
        ? table.namespaces.union(added).difference(removed)
        : table.namespaces,
    services: mergeMap(table.services, diff, (one) => `${one.namespace}/${one.name}`),
    pods,
    serial: diff.serial,
    ...(labels && { namespaceLabels: labels }),
  };
}

function mergeRoutes(
  table: HeldTables['ingress'],
  generation: number,
  diff: Diff<'ingress'>,
): HeldTables['ingress'] {
  return {
    generation,
    hosts: mergeMap(table.hosts, diff.hosts, (one) => one.host),
    pools: mergeMap(table.pools, diff.pools, (one) => one.key),
    certificates: mergeMap(table.certificates, diff.certificates, (one) => one.id),
    defaultBackend: diff.defaultBackend,
  };
}

function mergeMap<Value>(
  map: PersistentMap<Value>,
  {
    upserted,
    removed,
  }: { readonly upserted: readonly Value[]; readonly removed: readonly string[] },
  keyOf: (value: Value) => string,
): PersistentMap<Value> {
  if (upserted.length + removed.length === 0) return map;
  return map.with(
    upserted.map((value) => [keyOf(value), value] as const),
    removed,
  );
}
