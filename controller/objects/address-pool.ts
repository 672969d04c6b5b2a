import type { KubeObject } from './meta.ts';

/**
 * portolan.dev/v1alpha1 AddressPool, cluster-scoped: addresses for Services of type LoadBalancer,
 * each held by one of the nodes as a virtual IP.
 */
export interface AddressPool extends KubeObject {
  readonly apiVersion: 'portolan.dev/v1alpha1';
  readonly kind: 'AddressPool';
  readonly spec: AddressPoolSpec;
}

export interface AddressPoolSpec {
  /** CIDRs and single addresses, routed to the network of `interface`. */
  readonly addresses: readonly string[];
  /** The network interface of the nodes that is to hold them. */
  readonly interface: string;
  /**
   * The virtual router ID of the first address; the next has the next, so that every node gives an
   * address the same one. First and size must fit into 1–255.
   */
  readonly firstVirtualRouterID: number;
  /** As in VirtualIP. Default 1s. */
  readonly advertInterval?: string;
  /** The nodes that share the addresses. Default: all Nodes. */
  readonly nodes?: readonly string[];
}
