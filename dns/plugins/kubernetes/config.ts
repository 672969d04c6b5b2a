import type { LabelSelector } from '../../../controller/objects/index.ts';
import type { Fallthrough } from '../kind.ts';
import type { Name } from '../../wire/index.ts';

/** `pods`: whether `1-2-3-4.namespace.pod.zone` answers, and how carefully. */
export type PodsMode = 'disabled' | 'insecure' | 'verified';

/** One `kubernetes` line of a Corefile. */
export interface KubernetesConfig {
  /** Cluster domains, lower case; the first is the one that PTR records lead to. */
  readonly zones: readonly [Name, ...Name[]];
  /** Reverse zones answered here, lower case. */
  readonly reverseZones: readonly Name[];
  readonly ttlSec: number;
  readonly podsMode: PodsMode;
  /** Where names unknown here go on down the chain. */
  readonly fallthrough: Fallthrough;
  /** The namespaces that exist for DNS; undefined: all. */
  readonly namespaces: ReadonlySet<string> | undefined;
  /** Only namespaces with these labels exist for DNS; undefined: all. */
  readonly namespaceLabels: LabelSelector | undefined;
  /** Only Services with these labels exist for DNS; undefined: all. */
  readonly labels: LabelSelector | undefined;
  /** Headless Services have names by zone. */
  readonly zonal: boolean;
  /** Endpoints have no names and no addresses here. */
  readonly noEndpoints: boolean;
  /** Endpoints without a hostname are known by their Pod's name. */
  readonly endpointPodNames: boolean;
  /** A ClusterIP Service without a ready endpoint does not exist. */
  readonly ignoreEmptyService: boolean;
}

/** What CoreDNS does without any option, for zones `cluster.local` and both reverse trees. */
export const defaultKubernetes: KubernetesConfig = {
  zones: [['cluster', 'local']],
  reverseZones: [],
  ttlSec: 5,
  podsMode: 'disabled',
  fallthrough: [],
  namespaces: undefined,
  namespaceLabels: undefined,
  labels: undefined,
  zonal: false,
  noEndpoints: false,
  endpointPodNames: false,
  ignoreEmptyService: false,
};
