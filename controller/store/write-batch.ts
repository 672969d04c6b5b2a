import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import { type AnyObject, type Kind, type KindMap, objectKey } from '../objects/index.ts';
import type { Change } from './change-log.ts';
import { kindOf } from './identity.ts';
import type { DeleteOptions, ObjectOf, WriteOperation, WriteResult } from './store.ts';
import { StoreError } from './store-error.ts';
import {
  checkPreconditions,
  createdForm,
  statusForm,
  updatedForm,
  withVersion,
} from './written-form.ts';

/** What a batch starts from. */
export interface BatchBase {
  get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined;
  /** Of the newest write; each change of the batch gets the next. */
  readonly version: number;
}

/**
 * What writes mean, worked out on top of what a store holds without touching it: each sees those
 * before it in the batch. Only who asked for it makes `changes` so.
 */
export class WriteBatch {
  readonly changes: Change[] = [];
  readonly #base: BatchBase;
  readonly #clock: Clock;
  /** By kind and key; undefined: deleted. */
  readonly #staged = new Map<string, AnyObject | undefined>();
  #version: number;

  constructor(base: BatchBase, clock: Clock) {
    this.#base = base;
    this.#clock = clock;
    this.#version = base.version;
  }

  /** As `Store.create`, at once. @throws StoreError */
  create<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
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
    this.#record({ kind, type: 'ADDED', object, previous: undefined });
    return object;
  }

  /** As `Store.update`, at once. @throws StoreError */
  update<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#existing(kind, incoming);
    checkPreconditions(kind, existing.metadata, incoming.metadata);
    return this.#replace(kind, existing, updatedForm(kind, existing, incoming));
  }

  /** As `Store.updateStatus`, at once. @throws StoreError */
  updateStatus<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#existing(kind, incoming);
    checkPreconditions(kind, existing.metadata, incoming.metadata);
    return this.#replace(kind, existing, statusForm<K>(existing, incoming));
  }

  /** As `Store.delete`, at once. @throws StoreError */
  delete(kind: Kind, namespace: string, name: string, seen: DeleteOptions): void {
    const previous: AnyObject | undefined = this.#get(kind, namespace, name);
    if (!previous) throw notFound(kind, { namespace, name });
    checkPreconditions(kind, previous.metadata, seen);
    const object = withVersion(previous, String(this.#version + 1));
    this.#record({ kind, type: 'DELETED', object, previous });
  }

  /** One operation of `Store.writeAll`: what the store refuses is a result, not an error. */
  tryWrite(operation: WriteOperation): WriteResult {
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
        return written(this.create(operation.object));
      case 'update':
        return written(this.update(operation.object));
      case 'updateStatus':
        return written(this.updateStatus(operation.object));
      case 'put':
        return written(this.#put(operation.object));
      case 'delete':
        this.delete(operation.objectKind, operation.namespace, operation.name, {});
        return { kind: 'deleted' };
    }
  }

  /** A manifest wants its content whatever is there, so its version and uid do not matter. */
  #put<K extends Kind>(incoming: ObjectOf<K>): KindMap[K] {
    const kind = kindOf(incoming);
    const existing = this.#find(kind, incoming);
    if (!existing) return this.create(incoming);
    return this.#replace(kind, existing, updatedForm(kind, existing, incoming));
  }

  #replace<K extends Kind>(kind: K, previous: KindMap[K], next: KindMap[K]): KindMap[K] {
    if (next === previous) return previous;
    const object = withVersion<K>(next, String(this.#version + 1));
    this.#record({ kind, type: 'MODIFIED', object, previous });
    return object;
  }

  #record(change: Omit<Change, 'version'>): void {
    this.#version += 1;
    this.changes.push({ ...change, version: this.#version });
    const { kind, object, type } = change;
    const { namespace = '', name } = object.metadata;
    this.#staged.set(stageKey(kind, namespace, name), type === 'DELETED' ? undefined : object);
  }

  #get<K extends Kind>(kind: K, namespace: string, name: string): KindMap[K] | undefined {
    const key = stageKey(kind, namespace, name);
    // Staged under their own kind alone.
    if (this.#staged.has(key)) return this.#staged.get(key) as KindMap[K] | undefined;
    return this.#base.get(kind, namespace, name);
  }

  #find<K extends Kind>(kind: K, { metadata }: KindMap[K]): KindMap[K] | undefined {
    return this.#get(kind, metadata.namespace ?? '', metadata.name);
  }

  #existing<K extends Kind>(kind: K, incoming: KindMap[K]): KindMap[K] {
    const existing = this.#find(kind, incoming);
    if (!existing) throw notFound(kind, incoming.metadata);
    return existing;
  }
}

function stageKey(kind: Kind, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}

function notFound(kind: Kind, meta: { namespace?: string; name: string }): StoreError {
  return new StoreError('NotFound', `${kind} ${objectKey(meta)} does not exist`);
}

/** The API's stamps have no fraction of a second. */
function rfc3339(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}
