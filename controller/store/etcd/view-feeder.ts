import type { Clock } from '../../base/index.ts';
import type { KubeObject } from '../../objects/index.ts';
import type { Change } from '../change-log.ts';
import { jsonEqual } from '../json-equal.ts';
import type { LocalView } from '../local-view.ts';
import type { ObjectType } from '../object-store.ts';
import { type Keys, parseObjectKey, readObject, typeOfObject } from './keys.ts';
import { decode, type KeyValue, type WatchResponse } from './messages.ts';

/**
 * How long somebody waits for a change to be heard: a watch that has died is given up after two
 * looks (4 s), and the next is tried at most 3 s later.
 */
const longestWaitMs = 10_000;

interface Waiting {
  readonly revision: number;
  readonly resolve: (isReached: boolean) => void;
}

/** Turns keys and values into changes of a view, under the revisions of etcd. */
export class ViewFeeder {
  readonly #view: LocalView;
  readonly #keys: Keys;
  readonly #clock: Clock;
  /** May be ahead of the view's: of a revision that changed nothing in it. */
  #revision = 0;
  readonly #waiting = new Set<Waiting>();
  #isListed = false;
  #isClosed = false;

  constructor(view: LocalView, keys: Keys, clock: Clock) {
    this.#view = view;
    this.#keys = keys;
    this.#clock = clock;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Makes these all objects. After the first time only what differs is a change. */
  replace(pairs: readonly KeyValue[], revision: number): void {
    const objects = pairs.flatMap((pair) => readObject(pair) ?? []);
    if (this.#isListed) this.#catchUp(objects, revision);
    else this.#view.restore({ version: revision, objects, history: [] });
    this.#isListed = true;
    this.#reached(revision);
  }

  change(events: NonNullable<WatchResponse['events']>): void {
    for (const { type = 'PUT', kv } of events) {
      const revision = Number(kv.mod_revision ?? 0);
      const key = parseObjectKey(this.#keys, decode(kv.key));
      if (key && type === 'DELETE') this.#remove(key.type, key.namespace, key.name, revision);
      const object = key && type === 'PUT' ? readObject(kv) : undefined;
      if (object) this.#put(object, revision);
      this.#revision = Math.max(this.#revision, revision);
    }
    this.#view.deliver();
    this.#reached(this.#revision);
  }

  /** True once the view shows what etcd had at this revision; false if that takes too long. */
  async reach(revision: number): Promise<boolean> {
    if (this.#revision >= revision || this.#isClosed) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const waiting = { revision, resolve };
    this.#waiting.add(waiting);
    using _timer = this.#clock.schedule(longestWaitMs, () => {
      this.#waiting.delete(waiting);
      resolve(false);
    });
    return await promise;
  }

  /** Nothing more will come: whoever waits goes on. */
  close(): void {
    this.#isClosed = true;
    this.#reached(Number.POSITIVE_INFINITY);
  }

  #reached(revision: number): void {
    if (Number.isFinite(revision)) this.#revision = Math.max(this.#revision, revision);
    for (const waiting of this.#waiting) {
      if (waiting.revision > revision) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(true);
    }
  }

  /** After a compaction: what happened in between is not known, only what came of it. */
  #catchUp(objects: readonly KubeObject[], revision: number): void {
    const present = new Set(objects.map(identity));
    for (const type of this.#view.types()) {
      for (const object of this.#view.objects(type)) {
        if (present.has(identity(object))) continue;
        const { namespace = '', name } = object.metadata;
        this.#remove(type, namespace, name, revision);
      }
    }
    for (const object of objects) this.#put(object, revision);
    this.#view.deliver();
  }

  #put(object: KubeObject, version: number): void {
    const kind = typeOfObject(object);
    const { namespace = '', name } = object.metadata;
    const previous = this.#view.object(kind, namespace, name);
    if (previous && jsonEqual(previous, object)) return;
    const change: Change = previous
      ? { version, kind, type: 'MODIFIED', object, previous }
      : { version, kind, type: 'ADDED', object, previous: undefined };
    this.#view.take(change);
  }

  #remove(kind: ObjectType, namespace: string, name: string, version: number): void {
    const previous = this.#view.object(kind, namespace, name);
    if (!previous) return;
    const metadata = { ...previous.metadata, resourceVersion: String(version) };
    this.#view.take({
      version,
      kind,
      type: 'DELETED',
      object: { ...previous, metadata },
      previous,
    });
  }
}

function identity(object: KubeObject): string {
  const { namespace = '', name } = object.metadata;
  return `${typeOfObject(object)}/${namespace}/${name}`;
}
