import type { ListKey } from '../patch/value-type.ts';

/** How a list of the published API merges; see `ListType`. */
export interface ListMerging {
  readonly list: 'atomic' | 'set' | 'map';
  readonly keys: readonly ListKey[];
  /** Strategic merge patch merges it, objects by this field; absent: replaces it. */
  readonly patchMerge?: { readonly key: string | undefined };
  /** Elements are unions: `$retainKeys` clears the variants that the patch leaves out. */
  readonly retainKeys?: boolean;
}

/** `x-kubernetes-list-type: map` and a patch merge key of the same field. */
function byKey(key: string): ListMerging {
  return { list: 'map', keys: [{ name: key }], patchMerge: { key } };
}

const conditions = byKey('type');
const protocol: ListKey = { name: 'protocol', whenAbsent: 'TCP' };

const containers = {
  env: byKey('name'),
  ports: {
    list: 'map',
    keys: [{ name: 'containerPort' }, protocol],
    patchMerge: { key: 'containerPort' },
  },
  volumeDevices: byKey('devicePath'),
  volumeMounts: byKey('mountPath'),
} as const;

/**
 * Lists that are neither atomic nor replaced by strategic merge patches, by type and field. The
 * markers `+listType`, `+listMapKey`, `patchStrategy` and `patchMergeKey` of k8s.io/api; the client
 * from which `kubernetes.json` is made leaves them out. Every other list is atomic, which is what
 * the API says by default.
 */
export const mergingLists: Readonly<Record<string, Readonly<Record<string, ListMerging>>>> = {
  V1ObjectMeta: {
    finalizers: { list: 'set', keys: [], patchMerge: { key: undefined } },
    ownerReferences: byKey('uid'),
  },
  V1ServiceSpec: {
    // The patch key is the number alone: two protocols on one port need other ways to patch.
    ports: { list: 'map', keys: [{ name: 'port' }, protocol], patchMerge: { key: 'port' } },
  },
  V1ServiceStatus: { conditions },
  V1Endpoint: { addresses: { list: 'set', keys: [] } },
  V1NamespaceStatus: { conditions },
  V1NodeSpec: { podCIDRs: { list: 'set', keys: [], patchMerge: { key: undefined } } },
  V1NodeStatus: { addresses: byKey('type'), conditions },
  V1PodSpec: {
    containers: byKey('name'),
    initContainers: byKey('name'),
    ephemeralContainers: byKey('name'),
    hostAliases: byKey('ip'),
    imagePullSecrets: byKey('name'),
    resourceClaims: { ...byKey('name'), retainKeys: true },
    schedulingGates: byKey('name'),
    topologySpreadConstraints: {
      list: 'map',
      keys: [{ name: 'topologyKey' }, { name: 'whenUnsatisfiable' }],
      patchMerge: { key: 'topologyKey' },
    },
    volumes: { ...byKey('name'), retainKeys: true },
  },
  V1Container: containers,
  V1EphemeralContainer: containers,
  V1ResourceRequirements: { claims: { list: 'map', keys: [{ name: 'name' }] } },
  V1PodStatus: {
    conditions,
    hostIPs: { list: 'atomic', keys: [], patchMerge: { key: 'ip' } },
    podIPs: byKey('ip'),
    resourceClaimStatuses: { ...byKey('name'), retainKeys: true },
  },
  V1ContainerStatus: {
    allocatedResourcesStatus: {
      list: 'map',
      keys: [{ name: 'name' }],
      patchMerge: { key: 'name' },
    },
    volumeMounts: byKey('mountPath'),
  },
  V1ServiceAccount: { secrets: byKey('name') },
  V1DeploymentStatus: { conditions },
  V1ReplicaSetStatus: { conditions },
  V1ReplicationControllerStatus: { conditions },
  V1DaemonSetStatus: { conditions },
  V1StatefulSetStatus: { conditions },
  V1JobStatus: { conditions: { list: 'atomic', keys: [], patchMerge: { key: 'type' } } },
  V1PersistentVolumeClaimStatus: { conditions },
  V1PodDisruptionBudgetStatus: { conditions },
  V2HorizontalPodAutoscalerStatus: { conditions },
  V1CustomResourceDefinitionStatus: {
    conditions: { list: 'map', keys: [{ name: 'type' }] },
  },
};

/** Objects with one owner, `+structType=atomic`. */
export const atomicTypes: ReadonlySet<string> = new Set([
  'CoreV1EndpointPort',
  'DiscoveryV1EndpointPort',
  'V1ConfigMapKeySelector',
  'V1EndpointAddress',
  'V1FileKeySelector',
  'V1LabelSelector',
  'V1LocalObjectReference',
  'V1NodeSelector',
  'V1NodeSelectorTerm',
  'V1ObjectFieldSelector',
  'V1ObjectReference',
  'V1ResourceFieldSelector',
  'V1SecretKeySelector',
  'V1SecretReference',
  'V1TypedLocalObjectReference',
]);

/** Maps with one owner, `+mapType=atomic`, as `type.field`. */
export const atomicMaps: ReadonlySet<string> = new Set([
  'V1PodSpec.nodeSelector',
  'V1ServiceSpec.selector',
]);

/** Fields that are unions, whose other variants `$retainKeys` clears, as `type.field`. */
export const retainKeysFields: ReadonlySet<string> = new Set(['V1DeploymentSpec.strategy']);
