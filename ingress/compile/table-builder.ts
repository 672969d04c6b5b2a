import { isDeepStrictEqual } from 'node:util';
import { PersistentMap } from '../../controller/base/index.ts';
import type {
  Certificate,
  HostRoutes,
  Pool,
  RouteBackend,
  RouteDiff,
  RouteTable,
} from './table.ts';

/**
 * Makes each table from the one before. What is set to an equal value changes nothing, so that
 * the diff says exactly what engines have to do.
 */
export class TableBuilder {
  #table: BuiltTable = {
    generation: 0,
    hosts: PersistentMap.from(),
    pools: PersistentMap.from(),
    certificates: PersistentMap.from(),
    defaultBackend: undefined,
  };
  readonly #hosts = new Changes<HostRoutes>();
  readonly #pools = new Changes<Pool>();
  readonly #certificates = new Changes<Certificate>();
  /** How many hosts serve each certificate. */
  readonly #certificateUsers = new Map<string, number>();
  #defaultBackend: RouteBackend | undefined;
  #isFirst = true;

  /** Sets a host, or removes it; with the certificate that it serves. */
  setHost(
    host: string,
    routes: HostRoutes | undefined,
    certificate: Certificate | undefined,
  ): void {
    const before = this.#hosts.peek(host, this.#table.hosts)?.certificate;
    this.#hosts.set(host, routes, this.#table.hosts);
    if (certificate) {
      this.#certificates.set(certificate.id, certificate, this.#table.certificates);
      this.#countCertificate(certificate.id, 1);
    }
    if (before !== undefined) this.#countCertificate(before, -1);
  }

  setPool(key: string, pool: Pool | undefined): void {
    this.#pools.set(key, pool, this.#table.pools);
  }

  setDefaultBackend(backend: RouteBackend | undefined): void {
    this.#defaultBackend = backend;
  }

  /** The next table; the same one, without a diff, when nothing differs. The first is generation 1. */
  build(): { readonly table: RouteTable; readonly diff: RouteDiff | undefined } {
    const before = this.#table;
    const defaultChanged = !isDeepStrictEqual(this.#defaultBackend, before.defaultBackend);
    const sets = [this.#hosts, this.#pools, this.#certificates];
    if (!this.#isFirst && !defaultChanged && sets.every((one) => one.isEmpty)) {
      return { table: before, diff: undefined };
    }
    this.#isFirst = false;
    const diff: RouteDiff = {
      fromGeneration: before.generation,
      hosts: this.#hosts.list(),
      pools: this.#pools.list(),
      certificates: this.#certificates.list(),
      defaultBackend: this.#defaultBackend,
    };
    this.#table = {
      generation: before.generation + 1,
      hosts: this.#hosts.applyTo(before.hosts),
      pools: this.#pools.applyTo(before.pools),
      certificates: this.#certificates.applyTo(before.certificates),
      defaultBackend: this.#defaultBackend,
    };
    return { table: this.#table, diff };
  }

  #countCertificate(id: string, by: number): void {
    const users = (this.#certificateUsers.get(id) ?? 0) + by;
    if (users > 0) {
      this.#certificateUsers.set(id, users);
    } else {
      this.#certificateUsers.delete(id);
      this.#certificates.set(id, undefined, this.#table.certificates);
    }
  }
}

/** The table, in maps of which the next version costs what changed. */
interface BuiltTable extends RouteTable {
  readonly hosts: PersistentMap<HostRoutes>;
  readonly pools: PersistentMap<Pool>;
  readonly certificates: PersistentMap<Certificate>;
}

/** Pending changes of one of the table's maps; undefined removes. */
class Changes<T> {
  readonly #pending = new Map<string, T | undefined>();

  get isEmpty(): boolean {
    return this.#pending.size === 0;
  }

  /** The value as of now: pending, or else the one in the table. */
  peek(key: string, current: ReadonlyMap<string, T>): T | undefined {
    return this.#pending.has(key) ? this.#pending.get(key) : current.get(key);
  }

  set(key: string, value: T | undefined, current: ReadonlyMap<string, T>): void {
    if (isDeepStrictEqual(value, current.get(key))) this.#pending.delete(key);
    else this.#pending.set(key, value);
  }

  list(): { readonly upserted: readonly T[]; readonly removed: readonly string[] } {
    const upserted = [...this.#pending.values()].filter((value) => value !== undefined);
    const removed = [...this.#pending].flatMap(([key, value]) =>
      value === undefined ? [key] : [],
    );
    return { upserted, removed };
  }

  /** The next version of the map; forgets what was pending. */
  applyTo(current: PersistentMap<T>): PersistentMap<T> {
    if (this.#pending.size === 0) return current;
    const upserted: (readonly [string, T])[] = [];
    for (const [key, value] of this.#pending) if (value !== undefined) upserted.push([key, value]);
    const next = current.with(upserted, this.list().removed);
    this.#pending.clear();
    return next;
  }
}
