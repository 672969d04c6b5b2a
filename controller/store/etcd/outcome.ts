import type { KubeObject } from '../../objects/index.ts';
import type { Change } from '../change-log.ts';
import { withVersion } from '../written-form.ts';

/**
 * The result of a batch with the objects in it under the version that the write truly got: batches
 * are worked out before etcd has said which. Results are objects, or lists of `WriteResult`.
 */
export function underRevision<Result>(
  result: Result,
  changes: readonly Change[],
  revision: number,
): Result {
  const final = new Map<unknown, KubeObject>();
  for (const { object } of changes) final.set(object, withVersion(object, String(revision)));
  // Whatever is replaced is replaced by an object of the same form.
  return settle(result, final) as Result;
}

function settle(value: unknown, final: ReadonlyMap<unknown, KubeObject>): unknown {
  const settled = final.get(value);
  if (settled) return settled;
  if (Array.isArray(value)) return value.map((one) => settle(one, final));
  if (typeof value !== 'object' || value === null || !('kind' in value)) return value;
  // A WriteResult: objects of the store have an apiVersion.
  if ('apiVersion' in value || !('object' in value)) return value;
  return { ...value, object: settle(value.object, final) };
}
