import { Buffer } from 'node:buffer';
import {
  type EndpointSlice,
  type Ingress,
  type Kind,
  type KindMap,
  type KubeObject,
  kinds,
  legacyClassAnnotation,
  type Secret,
} from '../objects/index.ts';
import { jsonEqual } from './json-equal.ts';
import type { ObjectType } from './object-store.ts';
import { keepAllocations } from './service-strategy.ts';

/** What a kind does of its own when it is written: the API server's strategy, as far as needed. */
export interface Strategy<T> {
  /** The form in which an object is stored. */
  normalise?(incoming: T): T;
  /** What an update that leaves it out keeps. Status and the server's metadata are kept anyway. */
  keep?(existing: T, incoming: T): T;
  /** What `metadata.generation` counts. Absent: the kind has none. */
  changesGeneration?(existing: T, next: T): boolean;
}

/**
 * On an Ingress: the class that it got by default. Its manifest does not name it, and applying the
 * manifest again must not take the Ingress out of service until the default is written anew.
 */
export const defaultedClassAnnotation = 'portolan.dev/defaulted-ingress-class';

const specChanges = (existing: object, next: object): boolean =>
  !jsonEqual('spec' in existing && existing.spec, 'spec' in next && next.spec);

const strategies: { readonly [K in Kind]: Strategy<KindMap[K]> } = {
  AddressPool: { changesGeneration: specChanges },
  ConfigMap: {},
  EndpointHealth: { changesGeneration: () => false },
  EndpointSlice: { changesGeneration: sliceChanges },
  Endpoints: {},
  Ingress: { keep: keepDefaultedClass, changesGeneration: specChanges },
  IngressClass: { changesGeneration: specChanges },
  Namespace: {},
  Node: {},
  Pod: { changesGeneration: specChanges },
  Secret: { normalise: foldStringData },
  Service: { keep: keepAllocations, changesGeneration: specChanges },
  VirtualIP: { changesGeneration: specChanges },
};

/** Types outside KindMap that have no `metadata.generation` in the API. */
const uncounted: ReadonlySet<ObjectType> = new Set([
  'Event',
  'Lease.coordination.k8s.io',
  'ServiceAccount',
]);

/** What the API counts of custom resources. */
const otherStrategy: Strategy<KubeObject> = {
  changesGeneration: (existing, next) => !jsonEqual(contentOf(existing), contentOf(next)),
};

/** The strategy of any type. */
export function strategyOf(type: ObjectType): Strategy<KubeObject> {
  // Called with objects of its own kind alone.
  if (Object.hasOwn(kinds, type)) return strategies[type as Kind];
  return uncounted.has(type) ? {} : otherStrategy;
}

/** All but metadata and status. */
function contentOf(object: KubeObject): object {
  return { ...object, metadata: undefined, status: undefined };
}

/** A slice has no spec: everything but metadata counts, and of that its labels. */
function sliceChanges(existing: EndpointSlice, next: EndpointSlice): boolean {
  return (
    !jsonEqual(existing.metadata.labels, next.metadata.labels) ||
    !jsonEqual({ ...existing, metadata: undefined }, { ...next, metadata: undefined })
  );
}

/** `stringData` wins over `data` of the same key, and is never stored. */
function foldStringData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (!stringData) return rest;
  const folded = Object.entries(stringData).map(
    ([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')] as const,
  );
  return { ...rest, data: { ...rest.data, ...Object.fromEntries(folded) } };
}

function keepDefaultedClass(existing: Ingress, incoming: Ingress): Ingress {
  const defaulted = existing.metadata.annotations?.[defaultedClassAnnotation];
  const { annotations } = incoming.metadata;
  if (
    defaulted === undefined ||
    defaulted !== existing.spec?.ingressClassName ||
    incoming.spec?.ingressClassName !== undefined ||
    annotations?.[legacyClassAnnotation] !== undefined
  ) {
    return incoming;
  }
  return {
    ...incoming,
    metadata: {
      ...incoming.metadata,
      annotations: { ...annotations, [defaultedClassAnnotation]: defaulted },
    },
    spec: { ...incoming.spec, ingressClassName: defaulted },
  };
}
