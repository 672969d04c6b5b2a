import type { KubeObject, ObjectMeta } from '../objects/index.ts';
import { jsonEqual } from './json-equal.ts';
import type { ObjectType } from './object-store.ts';
import { StoreError } from './store-error.ts';
import { strategyOf } from './strategies.ts';

/** What the server gives a new object. */
export interface BirthMark {
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly resourceVersion: string;
}

/** The form in which a new object is stored. Status stays: Pods in manifests have no kubelet. */
export function createdForm(type: ObjectType, incoming: KubeObject, mark: BirthMark): KubeObject {
  const strategy = strategyOf(type);
  const { generation: _claimed, ...metadata } = incoming.metadata;
  const counted = strategy.changesGeneration ? { generation: 1 } : {};
  const object = { ...incoming, metadata: { ...metadata, ...mark, ...counted } };
  return strategy.normalise?.(object) ?? object;
}

/**
 * What an update of everything but status means: the same object if it changes nothing, else one
 * that still needs its resourceVersion.
 */
export function updatedForm(
  type: ObjectType,
  existing: KubeObject,
  incoming: KubeObject,
): KubeObject {
  const strategy = strategyOf(type);
  const normal = strategy.normalise?.(incoming) ?? incoming;
  const kept = strategy.keep?.(existing, normal) ?? normal;
  const next = withStatusOf(existing, {
    ...kept,
    metadata: keepServerMetadata(existing.metadata, kept.metadata),
  });
  if (jsonEqual(existing, next)) return existing;
  return strategy.changesGeneration?.(existing, next) ? countGeneration(next) : next;
}

/** What an update of status alone means; else as `updatedForm`. */
export function statusForm(existing: KubeObject, incoming: KubeObject): KubeObject {
  const next = withStatusOf(incoming, existing);
  return jsonEqual(existing, next) ? existing : next;
}

/** The object under the version of the write that made it. */
export function withVersion(object: KubeObject, version: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: version } };
}

/** @throws StoreError `Conflict` if the object is no longer the one that the writer saw */
export function checkPreconditions(
  { kind, metadata: existing }: KubeObject,
  seen: { readonly uid?: string; readonly resourceVersion?: string },
): void {
  const stale =
    seen.resourceVersion && seen.resourceVersion !== existing.resourceVersion
      ? `is at resourceVersion ${existing.resourceVersion}, not ${seen.resourceVersion}`
      : seen.uid && seen.uid !== existing.uid
        ? `has uid ${existing.uid}, not ${seen.uid}`
        : undefined;
  if (stale === undefined) return;
  const name = existing.namespace ? `${existing.namespace}/${existing.name}` : existing.name;
  throw new StoreError('Conflict', `${kind} ${name} ${stale}; read it again and repeat the change`);
}

function keepServerMetadata(existing: ObjectMeta, incoming: ObjectMeta): ObjectMeta {
  const { uid, creationTimestamp, resourceVersion, generation } = existing;
  const { deletionTimestamp, deletionGracePeriodSeconds } = existing;
  const {
    generation: _claimed,
    deletionTimestamp: _marked,
    deletionGracePeriodSeconds: _grace,
    ...rest
  } = incoming;
  return {
    ...rest,
    ...(uid !== undefined && { uid }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
    // What began to go does not come back.
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
  };
}

/** `to` with the status of `from`; without one if that has none. */
function withStatusOf<T extends object>(from: T, to: T): T {
  const status = 'status' in from ? from.status : undefined;
  if (status !== undefined) return { ...to, status };
  if (!('status' in to)) return to;
  const { status: _dropped, ...rest } = to;
  // Kinds whose status is optional, or have none: `from` is such a T without it.
  return rest as unknown as T;
}

function countGeneration(object: KubeObject): KubeObject {
  const generation = (object.metadata.generation ?? 0) + 1;
  return { ...object, metadata: { ...object.metadata, generation } };
}
