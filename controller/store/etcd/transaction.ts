import type { KubeObject } from '../../objects/index.ts';
import type { Change } from '../change-log.ts';
import { type Keys, typeOfObject } from './keys.ts';
import { atRevision, type Compare, put, remove, type RequestOp } from './messages.ts';

/** One atomic write: all of `success` if every one of `compare` holds. */
export interface Transaction {
  readonly compare: readonly Compare[];
  readonly success: readonly RequestOp[];
}

/**
 * What a batch means in etcd: the last state of each object that it touched, provided that none has
 * changed since the batch was worked out.
 */
export function transactionOf(changes: readonly Change[], keys: Keys): Transaction {
  const first = new Map<string, number>();
  const last = new Map<string, RequestOp>();
  for (const { object, previous, type } of changes) {
    const { namespace = '', name } = object.metadata;
    const key = keys.object(typeOfObject(object), namespace, name);
    // Only the first change saw what etcd has.
    if (!first.has(key)) first.set(key, Number(previous?.metadata.resourceVersion ?? 0));
    last.set(key, type === 'DELETED' ? remove(key) : put(key, storedForm(object)));
  }
  return {
    compare: Array.from(first, ([key, revision]) => atRevision(key, revision)),
    success: [...last.values(), put(keys.mark, '')],
  };
}

/** Without its version, which is that of the key. */
function storedForm(object: KubeObject): string {
  const { resourceVersion: _revision, ...metadata } = object.metadata;
  return JSON.stringify({ ...object, metadata });
}
