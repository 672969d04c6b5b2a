import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../base/index.ts';
import { type AnyObject, type Kind, type KindMap, kinds, objectKey } from '../objects/index.ts';
import type { Change } from './change-log.ts';
import { kindOf } from './identity.ts';
import { ObjectTable } from './object-table.ts';
import { parseSelection } from './selection.ts';
import type {
  DeleteOptions,
  ListOptions,
  ObjectList,
  ObjectOf,
  Store,
  WatchListener,
  WatchOptions,
  WriteOperation,
  WriteResult,
} from './store.ts';
import { StoreError } from './store-error.ts';
import { WatchHub } from './watch-hub.ts';
import {
  checkPreconditions,
  createdForm,
  statusForm,
  updatedForm,
  withVersion,
} from './written-form.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Changes kept for watches that resume from a version. Default 10 000. */
  readonly historyLimit?: number;
  /** Hears of listeners that throw; absent: process warnings. */
  readonly log?: Log;
}

/**
 * A Store that lives as long as the process. Finalizers are kept as written but delay no deletion:
 * nothing here would ever run them.
 */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  return new MemoryStore(options);
}

type Tables = { readonly [K in Kind]: ObjectTable<KindMap[K]> };

class MemoryStore implements Store {
  readonly #clock: Clock;
  readonly #tables: Tables = emptyTables();
  readonly #hub: WatchHub;
  #version = 0;

  constructor({ clock, log, historyLimit = 10_000 }: MemoryStoreOptions) {
    this.#clock = clock;
    this.#hub = new WatchHub({
      clock,
      log,
      historyLimit,
      version: () => this.#version,
      list: (options) => (options.kinds ?? allKinds).flatMap((kind) => this.#select(kind, options)),
    });
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.#tables[kind].get(namespace, name);
  }

  list<K extends Kind>(kind: K, options: ListOptions = {}): ObjectList<KindMap[K]> {
    return { items: this.#select(kind, options), resourceVersion: this.resourceVersion };
  }

  async create<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#delivering(() => this.#create(object));
  }

  async update<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#delivering(() => this.#update(object));
  }

  async updateStatus<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    return this.#delivering(() => this.#updateStatus(object));
  }

  async delete(
    kind: Kind,
    namespace: string,
    name: string,
    options: DeleteOptions = {},
  ): Promise<void> {
    this.#delivering(() => this.#delete(kind, namespace, name, options));
  }

  async writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]> {
    return this.#delivering(() => operations.map((operation) => this.#tryWrite(operation)));
  }

  watch(options: WatchOptions, listener: WatchListener): Disposable {
    return this.#hub.watch(options, listener);
  }

  #delivering<Result>(write: () => Result): Result {
    try {
      return write();
    } finally {
      this.#hub.deliver();
    }
  }

  #select<K extends Kind>(kind: K, options: ListOptions): KindMap[K][] {
    const selection = parseSelection([kind], options);
    const items = this.#tables[kind].list(options.namespace);
    return selection ? items.filter(selection) : items;
  }

  #tryWrite(operation: WriteOperation): WriteResult {
    try {
      return this.#write(operation);
    } catch (error) {
      if (error instanceof StoreError) return { kind: 'failed', error };
      throw error;
    }
  }

  #write(operation: WriteOperation): WriteResult {
    const before = this.#version;
    const written = (object: AnyObject): WriteResult => ({
      kind: this.#version === before ? 'unchanged' : 'written',
      object,
    });
    switch (operation.kind) {
      case 'create':
        return written(this.#create(operation.object));
      case 'update':
        return written(this.#update(operation.object));
      case 'updateStatus':
        return written(this.#updateStatus(operation.object));
      case 'put':
        return written(this.#put(operation.object));
      case 'delete':
        this.#delete(operation.objectKind, operation.namespace, operation.name, {});
        return { kind: 'deleted' };
    }
  }

  #create<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    if (this.#find(kind, incoming)) {
      throw new StoreError(
        'AlreadyExists',
        `${kind} ${objectKey(incoming.metadata)} exists already`,
      );
    }
    const object = createdForm(kind, incoming, {
      uid: randomUUID(),
      creationTimestamp: rfc3339(this.#clock.wallMs()),
      resourceVersion: String(this.#version + 1),
    });
    this.#tables[kind].set(object);
    this.#record({ kind, type: 'ADDED', object, previous: undefined });
    return object;
  }

  #update<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#existing(kind, incoming);
    checkPreconditions(kind, existing.metadata, incoming.metadata);
    return this.#replace(kind, existing, updatedForm(kind, existing, incoming));
  }

  #updateStatus<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#existing(kind, incoming);
    checkPreconditions(kind, existing.metadata, incoming.metadata);
    return this.#replace(kind, existing, statusForm<K>(existing, incoming));
  }

  /** A manifest wants its content whatever is there, so its version and uid do not matter. */
  #put<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#find(kind, incoming);
    if (!existing) return this.#create(incoming);
    return this.#replace(kind, existing, updatedForm(kind, existing, incoming));
  }

  #replace<K extends Kind>(kind: K, previous: KindMap[K], next: KindMap[K]): KindMap[K] {
    if (next === previous) return previous;
    const object = withVersion<K>(next, String(this.#version + 1));
    this.#tables[kind].set(object);
    this.#record({ kind, type: 'MODIFIED', object, previous });
    return object;
  }

  #delete(kind: Kind, namespace: string, name: string, seen: DeleteOptions): void {
    const previous: AnyObject | undefined = this.get(kind, namespace, name);
    if (!previous) throw notFound(kind, { namespace, name });
    checkPreconditions(kind, previous.metadata, seen);
    this.#tables[kind].delete(namespace, name);
    const object = withVersion(previous, String(this.#version + 1));
    this.#record({ kind, type: 'DELETED', object, previous });
  }

  #record(change: Omit<Change, 'version'>): void {
    this.#version += 1;
    this.#hub.record({ ...change, version: this.#version });
  }

  #find<K extends Kind>(kind: K, { metadata }: KindMap[K]): KindMap[K] | undefined {
    return this.get(kind, metadata.namespace ?? '', metadata.name);
  }

  #existing<K extends Kind>(kind: K, incoming: KindMap[K]): KindMap[K] {
    const existing = this.#find(kind, incoming);
    if (!existing) throw notFound(kind, incoming.metadata);
    return existing;
  }
}

const allKinds = Object.keys(kinds).filter((name): name is Kind => Object.hasOwn(kinds, name));

function emptyTables(): Tables {
  return {
    ConfigMap: new ObjectTable(),
    AddressPool: new ObjectTable(),
    EndpointHealth: new ObjectTable(),
    EndpointSlice: new ObjectTable(),
    Endpoints: new ObjectTable(),
    Ingress: new ObjectTable(),
    IngressClass: new ObjectTable(),
    Namespace: new ObjectTable(),
    Node: new ObjectTable(),
    Pod: new ObjectTable(),
    Secret: new ObjectTable(),
    Service: new ObjectTable(),
    VirtualIP: new ObjectTable(),
  };
}

function notFound(kind: Kind, meta: { namespace?: string; name: string }): StoreError {
  return new StoreError('NotFound', `${kind} ${objectKey(meta)} does not exist`);
}

/** The API's stamps have no fraction of a second. */
function rfc3339(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
