import type { Name } from '../../wire/index.ts';

/** `pods`: whether `1-2-3-4.namespace.pod.zone` answers, and how carefully. */
export type PodsMode = 'disabled' | 'insecure' | 'verified';

/** One `kubernetes` line of a Corefile, as far as it is read so far. */
export interface KubernetesConfig {
  /** The cluster domain, lower case. */
  readonly zone: Name;
  /** Reverse zones answered here, lower case. Addresses unknown here go on down the chain. */
  readonly reverseZones: readonly Name[];
  readonly ttlSec: number;
  readonly podsMode: PodsMode;
}
