import { type Kind, kinds } from '../objects/index.ts';
import { nearest } from './suggest.ts';

/** What a document says it is, and whether that is an object of ours. */
export type Recognition =
  | { readonly kind: 'known'; readonly object: Kind }
  /** An object of somebody else's. */
  | { readonly kind: 'foreign' }
  /** Ours, but in a version that is served no more, or spelt wrongly. */
  | {
      readonly kind: 'wrong';
      readonly field: 'apiVersion' | 'kind';
      readonly message: string;
      readonly instead: string;
    };

/** Versions that once were: manifests on the net still have them. */
const removed: ReadonlyMap<string, string> = new Map([
  ['extensions/v1beta1', 'was removed in Kubernetes 1.22'],
  ['networking.k8s.io/v1beta1', 'was removed in Kubernetes 1.22'],
  ['discovery.k8s.io/v1beta1', 'was removed in Kubernetes 1.25'],
]);

/** What else changed for Ingress: the new version alone would not do. */
const ingressNote =
  ' with pathType on each path, and backends as service: {name, port: {number}} instead of serviceName and servicePort';

/** Tells our kinds from others', and slips from both. */
export function recognise(apiVersion: string, kind: string): Recognition {
  const own = Object.hasOwn(kinds, kind) ? (kind as Kind) : undefined;
  if (own !== undefined && kinds[own].apiVersion === apiVersion) {
    return { kind: 'known', object: own };
  }
  // Other groups may well have a Service or an Ingress of their own.
  if (!isKubernetesGroup(apiVersion)) return { kind: 'foreign' };
  if (own !== undefined) return wrongVersion(own, apiVersion);
  const candidates = Object.entries(kinds).filter(([, info]) => info.apiVersion === apiVersion);
  const meant = nearest(
    kind,
    candidates.map(([name]) => name),
  );
  if (meant === undefined) return { kind: 'foreign' };
  return {
    kind: 'wrong',
    field: 'kind',
    message: `is no kind of ${apiVersion}`,
    instead: `did you mean "${meant}"?`,
  };
}

function wrongVersion(kind: Kind, apiVersion: string): Recognition {
  const why = removed.get(apiVersion) ?? `has no ${kind}`;
  const wasOldIngress = kind === 'Ingress' && removed.has(apiVersion);
  return {
    kind: 'wrong',
    field: 'apiVersion',
    message: `${apiVersion} ${why}`,
    instead: `apiVersion: ${kinds[kind].apiVersion}${wasOldIngress ? `,${ingressNote}` : ''}`,
  };
}

function isKubernetesGroup(apiVersion: string): boolean {
  const slash = apiVersion.indexOf('/');
  if (slash < 0) return true;
  const group = apiVersion.slice(0, slash);
  return ['extensions', 'apps', 'discovery.k8s.io', 'networking.k8s.io', 'portolan.dev'].includes(
    group,
  );
}
