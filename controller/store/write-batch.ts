import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import { type AnyObject, type KubeObject, objectKey } from '../objects/index.ts';
import type { Change } from './change-log.ts';
import { typeOf } from './identity.ts';
import type { ObjectType } from './object-store.ts';
import type { DeleteOptions, WriteOperation, WriteResult } from './store.ts';
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
  object(type: ObjectType, namespace: string, name: string): KubeObject | undefined;
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
  /** By type and key; undefined: deleted. */
  readonly #staged = new Map<string, KubeObject | undefined>();
  #version: number;

  constructor(base: BatchBase, clock: Clock) {
    this.#base = base;
    this.#clock = clock;
    this.#version = base.version;
  }

  /** As `Store.create`, at once. @throws StoreError */
  create<T extends KubeObject>(incoming: T): T {
    const type = typeOf(incoming);
    if (this.#find(type, incoming)) {
      throw new StoreError(
        'AlreadyExists',
        `${incoming.kind} ${objectKey(incoming.metadata)} exists already`,
      );
    }
    const object = createdForm(type, incoming, {
      uid: randomUUID(),
      creationTimestamp: this.#now(),
      resourceVersion: String(this.#version + 1),
    });
    this.#record({ kind: type, type: 'ADDED', object, previous: undefined });
    // Here and below: what is stored is of the kind that was written.
    return object as T;
  }

  /** As `Store.update`, at once. @throws StoreError */
  update<T extends KubeObject>(incoming: T): T {
    const type = typeOf(incoming);
    const existing = this.#existing(type, incoming);
    checkPreconditions(existing, incoming.metadata);
    return this.#replace(type, existing, updatedForm(type, existing, incoming)) as T;
  }

  /** As `Store.updateStatus`, at once. @throws StoreError */
  updateStatus<T extends KubeObject>(incoming: T): T {
    const type = typeOf(incoming);
    const existing = this.#existing(type, incoming);
    checkPreconditions(existing, incoming.metadata);
    return this.#replace(type, existing, statusForm(existing, incoming)) as T;
  }

  /** As `Store.delete`, at once, and whatever its finalizers say. @throws StoreError */
  delete(type: ObjectType, namespace: string, name: string, seen: DeleteOptions): void {
    const existing = this.#found(type, namespace, name);
    checkPreconditions(existing, seen);
    this.#remove(type, existing);
  }

  /** As `ObjectStore.delete`, at once: finalizers hold the object, marked. @throws StoreError */
  finalize(type: ObjectType, namespace: string, name: string, seen: DeleteOptions): KubeObject {
    const existing = this.#found(type, namespace, name);
    checkPreconditions(existing, seen);
    const { metadata } = existing;
    if (!metadata.finalizers?.length) return this.#remove(type, existing);
    if (metadata.deletionTimestamp !== undefined) return existing;
    const marked = { deletionTimestamp: this.#now(), deletionGracePeriodSeconds: 0 };
    return this.#replace(type, existing, { ...existing, metadata: { ...metadata, ...marked } });
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
  #put<T extends KubeObject>(incoming: T): T {
    const type = typeOf(incoming);
    const existing = this.#find(type, incoming);
    if (!existing) return this.create(incoming);
    return this.#replace(type, existing, updatedForm(type, existing, incoming)) as T;
  }

  #replace(type: ObjectType, previous: KubeObject, next: KubeObject): KubeObject {
    if (next === previous) return previous;
    const { deletionTimestamp, finalizers } = next.metadata;
    // The last finalizer went.
    if (deletionTimestamp !== undefined && !finalizers?.length) return this.#remove(type, next);
    const object = withVersion(next, String(this.#version + 1));
    this.#record({ kind: type, type: 'MODIFIED', object, previous });
    return object;
  }

  #remove(type: ObjectType, previous: KubeObject): KubeObject {
    const object = withVersion(previous, String(this.#version + 1));
    this.#record({ kind: type, type: 'DELETED', object, previous });
    return object;
  }

  #record(change: Omit<Change, 'version'>): void {
    this.#version += 1;
    this.changes.push({ ...change, version: this.#version });
    const { kind, object, type } = change;
    const { namespace = '', name } = object.metadata;
    this.#staged.set(stageKey(kind, namespace, name), type === 'DELETED' ? undefined : object);
  }

  #get(type: ObjectType, namespace: string, name: string): KubeObject | undefined {
    const key = stageKey(type, namespace, name);
    if (this.#staged.has(key)) return this.#staged.get(key);
    return this.#base.object(type, namespace, name);
  }

  #find(type: ObjectType, { metadata }: KubeObject): KubeObject | undefined {
    return this.#get(type, metadata.namespace ?? '', metadata.name);
  }

  #existing(type: ObjectType, { metadata }: KubeObject): KubeObject {
    return this.#found(type, metadata.namespace ?? '', metadata.name);
  }

  #found(type: ObjectType, namespace: string, name: string): KubeObject {
    const existing = this.#get(type, namespace, name);
    if (existing) return existing;
    throw new StoreError('NotFound', `${type} ${objectKey({ namespace, name })} does not exist`);
  }

  /** The API's stamps have no fraction of a second. */
  #now(): string {
    return `${new Date(this.#clock.wallMs()).toISOString().slice(0, 19)}Z`;
  }
}

function stageKey(type: ObjectType, namespace: string, name: string): string {
  return `${type}/${namespace}/${name}`;
}
