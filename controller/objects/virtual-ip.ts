import type { KubeObject } from './meta.ts';

/**
 * portolan.dev/v1alpha1 VirtualIP, cluster-scoped: addresses that exactly one node holds at a time,
 * elected by VRRP among the nodes that take part.
 */
export interface VirtualIP extends KubeObject {
  readonly apiVersion: 'portolan.dev/v1alpha1';
  readonly kind: 'VirtualIP';
  readonly spec: VirtualIPSpec;
}

export interface VirtualIPSpec {
  /** The network interface that adverts leave by and that holds the addresses. */
  readonly interface: string;
  /** `192.0.2.10/24`, or without the prefix for /32 and /128. Each family is elected on its own. */
  readonly addresses: readonly string[];
  /** Held and released with the others, but not advertised. */
  readonly excludedAddresses?: readonly string[];
  /** 1–255, the same on all nodes, unique on the network. */
  readonly virtualRouterID: number;
  /** 2 or 3. Default 3; IPv6 is always 3. */
  readonly version?: number;
  /** 1–254, or 255 for the owner of the addresses. Default 100. */
  readonly priority?: number;
  /** Which nodes take part, with what of their own. Default: all, equal. */
  readonly nodes?: readonly VirtualIPNode[];
  /** 10ms–40.95s; whole seconds in version 2. Default 1s. */
  readonly advertInterval?: string;
  /** Default true: a higher priority takes over from a lower. */
  readonly preempt?: boolean;
  /** 0–1000s, default 0. */
  readonly preemptDelay?: string;
  /** Adverts go to these addresses instead of the multicast group; our own is left out. */
  readonly unicastPeers?: readonly string[];
  /** What a version 3 checksum over IPv4 covers. Default PseudoHeader, as keepalived has it. */
  readonly checksum?: 'PseudoHeader' | 'Message';
  /** The password of version 2, up to 8 bytes: it is sent in clear and only guards against slips. */
  readonly passwordSecretRef?: {
    readonly namespace: string;
    readonly name: string;
    readonly key: string;
  };
  /** VirtualIPs of one group are held by one node together. */
  readonly syncGroup?: string;
  readonly track?: readonly VirtualIPTrack[];
  /** A Lease in the cluster or in etcd decides who may hold the addresses. Default: none, VRRP alone. */
  readonly witness?: VirtualIPWitness;
  /** What to do about a higher rival under another virtualRouterID. Default Yield. */
  readonly rivals?: 'Yield' | 'Report';
  /** Run at each change of state with `INSTANCE NAME STATE PRIORITY` added, as keepalived does. */
  readonly notify?: readonly string[];
}

export interface VirtualIPWitness {
  /**
   * While the witness does not answer: `Consistency` lets the addresses go rather than have two
   * holders; `Availability` goes on by VRRP alone.
   */
  readonly prefer: 'Consistency' | 'Availability';
  /** How long a dead holder keeps the Lease, 1s–60s. Default 3s. */
  readonly leaseDuration?: string;
}

export interface VirtualIPNode {
  readonly name: string;
  readonly priority?: number;
  readonly interface?: string;
  /** The source of adverts. Default: the primary address of the interface. */
  readonly sourceAddress?: string;
}

/**
 * Something that has to work for a node to hold the addresses. Exactly one of all but `weight`.
 * Weight 0, the default: without it the node takes no part. Otherwise it changes the priority: by
 * `weight` while it works if positive, while it does not if negative.
 */
export interface VirtualIPTrack {
  readonly interface?: string;
  /** `namespace/name` of a Service with a ready endpoint. */
  readonly service?: string;
  /** A program that exits with 0. */
  readonly script?: VirtualIPScript;
  /**
   * What this node itself serves. `Ingress`: its workers serve, and some backend is healthy, if
   * there is any. `L4`: Services are forwarded as they are now. `DNS`: its workers answer.
   */
  readonly plane?: TrackedPlane;
  /**
   * Path of a file with a whole number, times which the weight is added to the priority; with weight
   * 0 any number but 0 means that the node takes no part. Absent or empty, it counts as 0.
   */
  readonly file?: string;
  /** −253…253. */
  readonly weight?: number;
}

export type TrackedPlane = 'Ingress' | 'L4' | 'DNS';

export interface VirtualIPScript {
  readonly command: readonly string[];
  /** Default 1s. */
  readonly interval?: string;
  /** Default: the interval. */
  readonly timeout?: string;
  /** Failures in a row until it counts as failing. Default 1. */
  readonly fall?: number;
  /** Successes in a row until it counts as working. Default 1. */
  readonly rise?: number;
}
