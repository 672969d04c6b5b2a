import type { KubeObject } from '../objects/index.ts';
import { parseFieldSelector } from './field-selector.ts';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';
import type { ObjectType } from './object-store.ts';
import type { ListOptions } from './store.ts';
import { StoreError } from './store-error.ts';

/** Whether one object is wanted by a list or a watch. Undefined: every object is. */
export type Selection = ((object: KubeObject) => boolean) | undefined;

/**
 * Turns selectors, but not the namespace, into one predicate.
 * @throws StoreError `Invalid`, also for selectors without exactly one kind
 */
export function parseSelection(
  kinds: readonly ObjectType[] | undefined,
  options: ListOptions,
): Selection {
  const { labelSelector = '', fieldSelector = '' } = options;
  if (labelSelector === '' && fieldSelector === '') return undefined;
  const [kind, ...others] = kinds ?? [];
  if (kind === undefined || others.length > 0) {
    throw new StoreError('Invalid', 'a watch with selectors needs exactly one kind');
  }
  const labels = parseLabelSelector(labelSelector);
  const fieldsMatch = parseFieldSelector(kind, fieldSelector);
  return (object) => matchesLabels(labels, object.metadata.labels) && fieldsMatch(object);
}
