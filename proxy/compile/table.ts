import type { Generational } from '../../controller/base/index.ts';
import type { IPFamily, Protocol, TrafficPolicy } from '../../controller/objects/index.ts';
import type { Algorithm } from '../balancer/balancer.ts';

/** Everything a node needs to forward Service traffic. Plain data: it crosses process borders. */
export interface ServiceTable extends Generational {
  /** By `ServicePort.key`. */
  readonly ports: ReadonlyMap<string, ServicePort>;
}

/** What changed between two tables that follow each other. */
export interface ServiceDiff {
  readonly fromGeneration: number;
  readonly upserted: readonly ServicePort[];
  /** Keys. */
  readonly removed: readonly string[];
}

/**
 * One Service port in one address family: the unit of L4 forwarding (kube-proxy's
 * ServicePortName, told apart by family).
 */
export interface ServicePort {
  /** `namespace/name:portName/TCP/IPv4`; an unnamed port leaves `portName` empty. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly portName: string;
  readonly protocol: Protocol;
  readonly family: IPFamily;
  /** The address of this family from `clusterIPs`; absent for one reached from outside alone. */
  readonly clusterIP: string | undefined;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** `status.loadBalancer` addresses of this family with ipMode VIP. */
  readonly loadBalancerIPs: readonly string[];
  /** Of this family; empty: everyone. Filters load-balancer addresses only. */
  readonly loadBalancerSourceRanges: readonly string[];
  readonly internalPolicy: TrafficPolicy;
  /** `Local` only if the Service can be reached from outside at all. */
  readonly externalPolicy: TrafficPolicy;
  readonly affinity: Affinity;
  readonly algorithm: Algorithm;
  /** Where `Cluster` policy traffic goes, sorted by `address:port`. */
  readonly clusterEndpoints: readonly Endpoint[];
  /** Where `Local` policy traffic goes; empty also when no policy asks for it. */
  readonly localEndpoints: readonly Endpoint[];
  /** False: REJECT everything. True with an empty set under Local policy: DROP. */
  readonly hasAnyEndpoint: boolean;
  /** Endpoints listed but left out by health or readiness: shown, not used. */
  readonly unusedEndpoints: readonly Endpoint[];
  /**
   * Addresses of endpoints that serve and get nothing new here, for hints, a Local policy or their
   * own end: flows that go to them may go on. Absent: none.
   */
  readonly alsoServing?: readonly string[];
  /** 0: none. Served for `type: LoadBalancer` with externalTrafficPolicy Local. */
  readonly healthCheckNodePort: number;
  /** Distinct addresses of local ready endpoints over all ports, for `healthCheckNodePort`. */
  readonly localReadyCount: number;
}

export type Affinity =
  | { readonly kind: 'None' }
  | { readonly kind: 'ClientIP'; readonly timeoutSec: number };

/** One endpoint of a ServicePort. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Positive integer share, default 1. 0: gets nothing new. */
  readonly weight: number;
  readonly local: boolean;
  readonly terminating: boolean;
}
