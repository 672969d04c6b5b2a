import { describeError, type Problem } from '../../base/index.ts';
import type { AnyObject } from '../../objects/index.ts';
import type { Store, WriteOperation, WriteResult } from '../../store/index.ts';
import { ImpliedNamespaces } from './implied-namespaces.ts';
import type { Changes, ManifestSet } from './manifest-set.ts';
import { type Entry, keyOf } from './read-document.ts';

/** An operation, and the key that has to be tried again if it fails. */
interface Planned {
  readonly key: string | undefined;
  readonly operation: WriteOperation;
}

/** Brings what manifests say into the store, and touches nothing else there. */
export class StoreWriter {
  readonly #store: Store;
  readonly #set: ManifestSet;
  readonly #namespaces = new ImpliedNamespaces();

  constructor(store: Store, set: ManifestSet) {
    this.#store = store;
    this.#set = set;
  }

  /** Writes the changes in one batch. Gives what the store refused; that is tried again later. */
  async write(changes: Changes): Promise<readonly Problem[]> {
    const planned = this.#plan(changes);
    if (planned.length === 0) {
      this.#set.commit(changes, new Set());
      return [];
    }
    const results = await this.#store.writeAll(planned.map(({ operation }) => operation));
    const failed = new Set<string>();
    const problems: Problem[] = [];
    planned.forEach(({ key, operation }, index) => {
      const error = failureOf(operation, results[index]);
      if (error === undefined) return;
      if (key !== undefined) failed.add(key);
      problems.push(refusal(operation, error));
    });
    this.#uncount(changes, failed);
    this.#set.commit(changes, failed);
    return problems;
  }

  /** What failed will be planned, and counted, again. */
  #uncount({ put, remove }: Changes, failed: ReadonlySet<string>): void {
    for (const { entry } of put) {
      const isNew = this.#set.written(entry.key) === undefined;
      if (failed.has(entry.key) && isNew) this.#namespaces.count(entry.identity, -1);
    }
    for (const identity of remove) {
      if (failed.has(keyOf(identity))) this.#namespaces.count(identity, 1);
    }
  }

  #plan({ put, remove }: Changes): readonly Planned[] {
    for (const { entry } of put) {
      if (this.#set.written(entry.key) === undefined) this.#namespaces.count(entry.identity, 1);
      if (entry.identity.kind === 'Namespace') this.#namespaces.forget(entry.identity.name);
    }
    for (const identity of remove) this.#namespaces.count(identity, -1);
    const isDefined = (name: string): boolean =>
      this.#set.find(keyOf({ kind: 'Namespace', namespace: '', name })) !== undefined;
    const isFirst = ({ entry }: Changes['put'][number]): boolean =>
      entry.identity.kind === 'Namespace';
    return [
      ...unkeyed(this.#namespaces.toMake(this.#store, isDefined)),
      ...put.filter(isFirst).flatMap((one) => this.#put(one.entry, one.object)),
      ...put.filter((one) => !isFirst(one)).flatMap((one) => this.#put(one.entry, one.object)),
      ...remove.map((identity) => this.#remove(identity)),
      ...unkeyed(this.#namespaces.toRemove()),
    ];
  }

  /**
   * Status is written when the object is new, and again when the manifest's own status changed:
   * what health checks and reconcilers wrote meanwhile must not be undone by another edit.
   */
  #put(entry: Entry, object: AnyObject): readonly Planned[] {
    const { key, identity, statusHash } = entry;
    const put: Planned = { key, operation: { kind: 'put', object } };
    const present = this.#store.get(identity.kind, identity.namespace, identity.name);
    if (present === undefined || statusHash === undefined) return [put];
    const written = this.#set.written(key);
    const isNews = written === undefined ? !hasStatus(present) : written.statusHash !== statusHash;
    return isNews ? [put, { key, operation: { kind: 'updateStatus', object } }] : [put];
  }

  #remove(identity: Entry['identity']): Planned {
    const { kind, namespace, name } = identity;
    const key = keyOf(identity);
    if (kind === 'Namespace' && this.#namespaces.isMentioned(name)) {
      return { key, operation: { kind: 'put', object: this.#namespaces.takeOver(name) } };
    }
    return { key, operation: { kind: 'delete', objectKind: kind, namespace, name } };
  }
}

function unkeyed(operations: readonly WriteOperation[]): readonly Planned[] {
  return operations.map((operation) => ({ key: undefined, operation }));
}

function hasStatus(object: AnyObject): boolean {
  return 'status' in object && object.status !== undefined;
}

/** Gone already is as good as deleted. */
function failureOf(operation: WriteOperation, result: WriteResult | undefined): Error | undefined {
  if (result?.kind !== 'failed') return undefined;
  const isGone = 'code' in result.error && result.error.code === 'NotFound';
  return operation.kind === 'delete' && isGone ? undefined : result.error;
}

function refusal(operation: WriteOperation, error: Error): Problem {
  const object =
    operation.kind === 'delete'
      ? { kind: operation.objectKind, namespace: operation.namespace, name: operation.name }
      : {
          kind: operation.object.kind,
          namespace: operation.object.metadata.namespace ?? '',
          name: operation.object.metadata.name,
        };
  return {
    severity: 'error',
    reason: 'WriteRefused',
    message: `is not in the store as its manifest says: ${describeError(error)}`,
    object,
  };
}
