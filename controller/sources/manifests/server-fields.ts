import type { AnyObject } from '../../objects/index.ts';

/** Fields of `metadata` that the store gives, and that a dump of a cluster's objects contains. */
const serverFields = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** The object as somebody would have written it: the output of `kubectl get -o yaml` works too. */
export function withoutServerFields(object: AnyObject): AnyObject {
  if (!serverFields.some((field) => Object.hasOwn(object.metadata, field))) return object;
  const { name, ...rest } = object.metadata;
  const kept = Object.entries(rest).filter(([field]) => !serverFields.includes(field));
  return { ...object, metadata: { name, ...Object.fromEntries(kept) } };
}
