import { type Kind, kinds } from '../../objects/index.ts';

/** One kind that is followed in a cluster. */
export interface FollowedKind {
  readonly kind: Kind;
  /** What the API is spared to send, and this node to hold. */
  readonly fieldSelector?: string;
  /** From a CustomResourceDefinition, which a cluster may lack: then there are none. */
  readonly optional?: true;
}

/** Secrets that no route, check or address refers to; of Helm alone there can be thousands. */
const uselessSecrets = [
  'helm.sh/release.v1',
  'kubernetes.io/service-account-token',
  'kubernetes.io/dockercfg',
  'kubernetes.io/dockerconfigjson',
  'bootstrap.kubernetes.io/token',
]
  .map((type) => `type!=${type}`)
  .join(',');

/**
 * Everything that is read from a cluster. `deploy/` asks for these rights and no others: a test
 * compares them. Pods are not among them, since slices tell all that is needed of them:
 * only a Corefile that verifies Pods (`pods verified`, `autopath @kubernetes`) asks for `podKind`.
 */
export const followedKinds: readonly FollowedKind[] = [
  { kind: 'Service' },
  { kind: 'EndpointSlice' },
  { kind: 'Namespace' },
  { kind: 'Node' },
  { kind: 'Ingress' },
  { kind: 'IngressClass' },
  { kind: 'Secret', fieldSelector: uselessSecrets },
  // One in each namespace, which only says how to reach the API.
  { kind: 'ConfigMap', fieldSelector: 'metadata.name!=kube-root-ca.crt' },
  { kind: 'VirtualIP', optional: true },
  { kind: 'AddressPool', optional: true },
];

/** Followed where something needs Pods themselves. */
export const podKind: FollowedKind = {
  kind: 'Pod',
  // Nobody is to find those that have ended.
  fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed',
};

/** `/apis/networking.k8s.io/v1/ingresses`: of one namespace, or of all if it is undefined. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const { apiVersion, plural } = kinds[kind];
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`;
}
