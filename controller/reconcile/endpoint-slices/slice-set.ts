import {
  type EndpointSlice,
  type KubeObject,
  managedByLabel,
  type OwnerReference,
  type Service,
  serviceNameLabel,
  weightsAnnotation,
} from '../../objects/index.ts';
import type { Store, WriteOperation } from '../../store/index.ts';
import { type PackedSlice, packSlices } from './pack-slices.ts';
import { shortHash } from '../short-hash.ts';
import { groupKey, type SliceGroup, type SliceGroups } from './slice-group.ts';

/** On slices that a reconciler here wrote: `pods` or `endpoints`. Without it, a slice is the user's. */
export const generatedFromAnnotation = 'portolan.dev/generated-from';
/** On slices of headless Services: proxies skip them. Upstream's k8s.io/api/core/v1 IsHeadlessService. */
const headlessLabel = 'service.kubernetes.io/headless';

/** Whose slices are written, and how they are marked. */
export interface SliceOwner {
  readonly service: Service;
  /** Goes into ownerReferences: the Service, or the Endpoints that are mirrored. */
  readonly owner: KubeObject;
  readonly source: 'pods' | 'endpoints';
  /** Value of the managed-by label: that of the upstream controller whose work this is. */
  readonly managedBy: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly maxEndpoints: number;
}

/** Whether a slice was derived from `source` by this program. */
export function isGenerated(slice: EndpointSlice, source: SliceOwner['source']): boolean {
  return slice.metadata.annotations?.[generatedFromAnnotation] === source;
}

/** Writes that turn the `existing` slices of an owner into those that `groups` asks for. */
export function planSlices(
  store: Store,
  owner: SliceOwner,
  groups: SliceGroups,
  existing: readonly EndpointSlice[],
): readonly WriteOperation[] {
  const kept = new Set<string>();
  const operations: WriteOperation[] = [];
  for (const [key, group] of groups.byKey) {
    const ofGroup = existing.filter((slice) => groupKey(slice.addressType, slice.ports) === key);
    for (const packed of packSlices(group, ofGroup, owner.maxEndpoints)) {
      const { name } = packed.existing?.metadata ?? {};
      const object = toSlice(owner, group, packed, name ?? freeName(store, owner, key, kept));
      kept.add(object.metadata.name);
      operations.push({ kind: 'put', object });
    }
  }
  const outlived = existing.filter((slice) => !kept.has(slice.metadata.name));
  return [...operations, ...deleteSlices(outlived)];
}

export function deleteSlices(slices: readonly EndpointSlice[]): readonly WriteOperation[] {
  return slices.map(({ metadata }) => ({
    kind: 'delete',
    objectKind: 'EndpointSlice',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
  }));
}

/** `web-1f3a5c7e`, `web-1f3a5c7e-1` …: never one that stands for something else. */
function freeName(
  store: Store,
  { service, source }: SliceOwner,
  groupKey: string,
  taken: ReadonlySet<string>,
): string {
  const { namespace = '', name } = service.metadata;
  const base = `${name}-${shortHash(`${source} ${groupKey}`)}`;
  for (let index = 0; ; index += 1) {
    const candidate = index === 0 ? base : `${base}-${index}`;
    if (!taken.has(candidate) && !store.get('EndpointSlice', namespace, candidate)) {
      return candidate;
    }
  }
}

function toSlice(
  owner: SliceOwner,
  { addressType, ports }: SliceGroup,
  { endpoints }: PackedSlice,
  name: string,
): EndpointSlice {
  const { namespace = '', name: serviceName } = owner.service.metadata;
  const weights = endpoints.flatMap(({ endpoint, weight }) =>
    weight === undefined ? [] : [`${endpoint.addresses[0]}=${weight}`],
  );
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name,
      namespace,
      labels: {
        ...withoutReserved(owner.labels),
        [serviceNameLabel]: serviceName,
        [managedByLabel]: owner.managedBy,
        ...(owner.service.spec?.clusterIP === 'None' && { [headlessLabel]: '' }),
      },
      annotations: {
        ...owner.annotations,
        ...(weights.length > 0 && { [weightsAnnotation]: weights.join(', ') }),
        [generatedFromAnnotation]: owner.source,
      },
      ownerReferences: [ownerReference(owner.owner)],
    },
    addressType,
    endpoints: endpoints.map(({ endpoint }) => endpoint),
    ports,
  };
}

/** Labels of the source are copied, but none that proxies read from a slice. */
function withoutReserved(
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const reserved = [serviceNameLabel, managedByLabel, headlessLabel];
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !reserved.includes(label)));
}

function ownerReference({ apiVersion, kind, metadata }: KubeObject): OwnerReference {
  const { name, uid = '' } = metadata;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
