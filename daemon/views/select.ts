import { type Kind, type KindMap, kinds, objectKey } from '../../controller/objects/index.ts';
import type { ViewInput, ViewQuery } from './view-input.ts';

/** The objects of one kind that a query means, in order of `namespace/name`. */
export function selectObjects<K extends Kind>(
  kind: K,
  query: ViewQuery,
  input: ViewInput,
): readonly KindMap[K][] {
  const namespaced = kinds[kind].namespaced;
  if (query.name !== undefined && (!namespaced || query.namespace !== undefined)) {
    const found = input.store.get(kind, namespaced ? (query.namespace ?? '') : '', query.name);
    return found === undefined ? [] : [found];
  }
  const scope = namespaced && query.namespace !== undefined ? { namespace: query.namespace } : {};
  const { items } = input.store.list(kind, scope);
  const meant = items.filter((one) => query.name === undefined || one.metadata.name === query.name);
  return meant.toSorted((a, b) => compareText(objectKey(a.metadata), objectKey(b.metadata)));
}

/** Order of code units: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
