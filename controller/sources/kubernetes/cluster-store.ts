import type { Clock, Log, Meter, ProblemSink, Random } from '../../base/index.ts';
import { type AnyObject, type Kind, type KindMap, kinds } from '../../objects/index.ts';
import {
  createMemoryStore,
  type DeleteOptions,
  type ListOptions,
  LocalView,
  type ObjectList,
  type ObjectOf,
  type Store,
  StoreError,
  type WatchEvent,
  type WatchListener,
  type WatchOptions,
  type WriteOperation,
  type WriteResult,
} from '../../store/index.ts';
import type { ApiClient } from './api-client.ts';
import { Connection } from './connection.ts';
import type { FollowedKind } from './followed-kinds.ts';
import { keepNeeded } from './kept-fields.ts';
import { Reflector } from './reflector.ts';
import { patchStatus } from './status-patch.ts';

export interface ClusterStoreOptions {
  readonly client: ApiClient;
  /** Usually `followedKinds`. All others live in this daemon alone. */
  readonly kinds: readonly FollowedKind[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
}

/** A Store that follows a cluster. Disposing ends its watches. */
export interface ClusterStore extends Store, AsyncDisposable {
  /** Resolves when every followed kind has been listed once: before, half a world is visible. */
  ready(): Promise<void>;
}

/** Begins to follow the cluster behind `client`. */
export function followCluster(options: ClusterStoreOptions): ClusterStore {
  return new FollowingStore(options);
}

/**
 * A copy of what the API server says, and of the cluster's objects only status is ever written.
 * Kinds that are not followed, such as EndpointHealth, live in this daemon alone: each node judges
 * what it can reach itself.
 */
class FollowingStore implements ClusterStore {
  readonly #client: ApiClient;
  readonly #followed: ReadonlySet<Kind>;
  readonly #view: LocalView;
  readonly #own: Store;
  readonly #ownWatch: Disposable;
  readonly #connection: Connection;
  readonly #reflectors: readonly Reflector[];
  readonly #listed: Promise<unknown>;
  readonly #disposed = Promise.withResolvers<void>();

  constructor(options: ClusterStoreOptions) {
    const { client, clock, random, log } = options;
    this.#client = client;
    this.#followed = new Set(options.kinds.map(({ kind }) => kind));
    this.#view = new LocalView({ clock, log });
    this.#own = createMemoryStore({ clock, log });
    this.#ownWatch = this.#own.watch({}, (events) => this.#takeOwn(events));
    this.#connection = new Connection({ ...options, server: client.server });
    const listed: Promise<void>[] = [];
    this.#reflectors = options.kinds.map((one) => {
      const first = Promise.withResolvers<void>();
      listed.push(first.promise);
      const sink = this.#sinkOf(one.kind, first.resolve);
      return new Reflector({ followed: one, client, clock, random, sink });
    });
    this.#listed = Promise.all(listed);
  }

  get resourceVersion(): string {
    return this.#view.resourceVersion;
  }

  async ready(): Promise<void> {
    await Promise.race([this.#listed, this.#disposed.promise]);
  }

  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    return this.#view.get(kind, namespace, name);
  }

  list<K extends Kind>(kind: K, options?: ListOptions): ObjectList<KindMap[K]> {
    return this.#view.list(kind, options);
  }

  watch(options: WatchOptions, listener: WatchListener): Disposable {
    return this.#view.watch(options, listener);
  }

  async create<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    this.#refuseFollowed(object.kind);
    return await this.#own.create(object);
  }

  async update<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    this.#refuseFollowed(object.kind);
    return await this.#own.update(object);
  }

  async updateStatus<K extends Kind>(object: ObjectOf<K>): Promise<KindMap[K]> {
    const kind: K = object.kind;
    if (!this.#followed.has(kind)) return await this.#own.updateStatus(object);
    await this.#patchStatus(object);
    const { namespace = '', name } = object.metadata;
    return this.#view.get(kind, namespace, name) ?? object;
  }

  async delete(
    kind: Kind,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Promise<void> {
    this.#refuseFollowed(kind);
    await this.#own.delete(kind, namespace, name, options);
  }

  async writeAll(operations: readonly WriteOperation[]): Promise<readonly WriteResult[]> {
    // Runs of the daemon's own kinds stay one batch; each write to the cluster is a request.
    const results = Array.from<WriteResult | undefined>({ length: operations.length });
    const own = operations.flatMap((operation, place) =>
      this.#followed.has(kindOfOperation(operation)) ? [] : [{ operation, place }],
    );
    const written = await this.#own.writeAll(own.map(({ operation }) => operation));
    for (const [index, result] of written.entries()) results[own[index]?.place ?? 0] = result;
    for (const [place, operation] of operations.entries()) {
      results[place] ??= await this.#tryWrite(operation);
    }
    return results.filter((one) => one !== undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.resolve();
    await Promise.all(this.#reflectors.map((one) => one[Symbol.asyncDispose]()));
    this.#connection[Symbol.dispose]();
    this.#ownWatch[Symbol.dispose]();
    this.#view[Symbol.dispose]();
  }

  #sinkOf(kind: Kind, listed: () => void): ConstructorParameters<typeof Reflector>[0]['sink'] {
    return {
      replace: (objects) => {
        this.#view.replace(kind, objects);
        listed();
      },
      upsert: (object) => this.#view.upsert(object),
      remove: (object) => this.#view.remove(object),
      failed: (error) => this.#connection.note(kind, error),
    };
  }

  #takeOwn(events: readonly WatchEvent[]): void {
    for (const event of events) {
      if (event.type === 'DELETED') this.#view.remove(event.object);
      else if (event.type !== 'BOOKMARK') this.#view.upsert(event.object);
    }
    this.#view.deliver();
  }

  /** @throws StoreError `Invalid` for kinds that live in the cluster */
  #refuseFollowed(kind: Kind): void {
    if (this.#followed.has(kind)) throw refusal(kind);
  }

  async #tryWrite(operation: WriteOperation): Promise<WriteResult> {
    try {
      if (operation.kind !== 'updateStatus') throw refusal(kindOfOperation(operation));
      return { kind: 'written', object: await this.#patchStatus(operation.object) };
    } catch (error) {
      return { kind: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async #patchStatus(object: AnyObject): Promise<AnyObject> {
    const { kind } = object;
    const raw = await patchStatus(this.#client, object);
    const written = keepNeeded(kind, kinds[kind].apiVersion, raw);
    const { namespace = '', name, resourceVersion } = written.metadata;
    const current: AnyObject | undefined = this.#view.get<Kind>(kind, namespace, name);
    // The watch may have been quicker, also with what somebody wrote after us.
    if (Number(current?.metadata.resourceVersion ?? 0) < Number(resourceVersion)) {
      this.#view.upsert(written);
      this.#view.deliver();
    }
    return written;
  }
}

function kindOfOperation(operation: WriteOperation): Kind {
  return operation.kind === 'delete' ? operation.objectKind : operation.object.kind;
}

function refusal(kind: Kind): StoreError {
  const { plural } = kinds[kind];
  return new StoreError('Invalid', `${plural} live in the cluster: write them with kubectl`);
}
