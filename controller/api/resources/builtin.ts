import { type KindInfo, kinds } from '../../objects/index.ts';
import { objectTypeOf } from '../../store/index.ts';
import type { ApiResource, ReviewKind, Subresource } from './resource.ts';

/** What a row says beyond names: all have their usual meaning where absent. */
interface Extras {
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly Subresource[];
  readonly clusterScoped?: true;
  readonly review?: ReviewKind;
}

/** Those that planes and reconcilers read; names and scope stand with the kinds themselves. */
const known: Readonly<Record<keyof typeof kinds, Extras>> = {
  AddressPool: {},
  ConfigMap: {},
  EndpointHealth: { subresources: ['status'] },
  EndpointSlice: {},
  Endpoints: {},
  Ingress: { subresources: ['status'] },
  IngressClass: {},
  Namespace: { subresources: ['status'] },
  Node: { subresources: ['status'] },
  Pod: { categories: ['all'], subresources: ['status', 'proxy'] },
  Secret: {},
  Service: { categories: ['all'], subresources: ['status', 'proxy'] },
  VirtualIP: { subresources: ['status'] },
};

const status: readonly Subresource[] = ['status'];
const statusAndScale: readonly Subresource[] = ['status', 'scale'];
const all: readonly string[] = ['all'];

/**
 * Kept so that the manifests of a whole application can be applied and read back. Nothing here runs
 * containers: a Deployment makes no Pods.
 */
const stored: readonly ApiResource[] = [
  row('v1', 'Event', 'events', { shortNames: ['ev'] }),
  row('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', {
    shortNames: ['pvc'],
    subresources: status,
  }),
  row('v1', 'PersistentVolume', 'persistentvolumes', {
    shortNames: ['pv'],
    subresources: status,
    clusterScoped: true,
  }),
  row('v1', 'ReplicationController', 'replicationcontrollers', {
    shortNames: ['rc'],
    categories: all,
    subresources: statusAndScale,
  }),
  row('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'] }),
  row('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    subresources: status,
    clusterScoped: true,
  }),
  row('apps/v1', 'DaemonSet', 'daemonsets', {
    shortNames: ['ds'],
    categories: all,
    subresources: status,
  }),
  row('apps/v1', 'Deployment', 'deployments', {
    shortNames: ['deploy'],
    categories: all,
    subresources: statusAndScale,
  }),
  row('apps/v1', 'ReplicaSet', 'replicasets', {
    shortNames: ['rs'],
    categories: all,
    subresources: statusAndScale,
  }),
  row('apps/v1', 'StatefulSet', 'statefulsets', {
    shortNames: ['sts'],
    categories: all,
    subresources: statusAndScale,
  }),
  row('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    shortNames: ['hpa'],
    categories: all,
    subresources: status,
  }),
  row('batch/v1', 'CronJob', 'cronjobs', {
    shortNames: ['cj'],
    categories: all,
    subresources: status,
  }),
  row('batch/v1', 'Job', 'jobs', { categories: all, subresources: status }),
  row('coordination.k8s.io/v1', 'Lease', 'leases', {}),
  row('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { shortNames: ['netpol'] }),
  row('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    subresources: status,
  }),
  row('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { clusterScoped: true }),
  row('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', {
    clusterScoped: true,
  }),
  row('rbac.authorization.k8s.io/v1', 'Role', 'roles', {}),
  row('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', {}),
];

const reviews: readonly ApiResource[] = [
  review('authentication.k8s.io/v1', 'SelfSubjectReview'),
  review('authorization.k8s.io/v1', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io/v1', 'SelfSubjectRulesReview'),
];

/** Every resource that is there without a CustomResourceDefinition. */
export const builtinResources: readonly ApiResource[] = [
  ...Object.entries<KindInfo>(kinds).map(([kind, info]) =>
    row(info.apiVersion, kind, info.plural, {
      shortNames: info.shortNames,
      ...(!info.namespaced && { clusterScoped: true }),
      ...known[kind as keyof typeof kinds],
    }),
  ),
  ...stored,
  ...reviews,
];

function row(apiVersion: string, kind: string, plural: string, extras: Extras): ApiResource {
  const slash = apiVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames: extras.shortNames ?? [],
    categories: extras.categories ?? [],
    namespaced: extras.clusterScoped !== true,
    subresources: extras.subresources ?? [],
    type: objectTypeOf(apiVersion, kind),
    ...(extras.review && { review: extras.review }),
  };
}

function review(apiVersion: string, kind: ReviewKind): ApiResource {
  const plural = `${kind.toLowerCase()}s`;
  return row(apiVersion, kind, plural, { clusterScoped: true, review: kind });
}
