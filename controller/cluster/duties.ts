/** Who does a duty: every daemon for its own node, the one that leads, or not Portolan at all. */
export type Doer = 'every node' | 'leader' | 'the cluster' | 'no one';

/** Something that is derived from objects, and who derives it, by where the objects live. */
export interface Duty {
  readonly name: string;
  /** In a folder of manifests, or behind this daemon's own API: there is one daemon. */
  readonly alone: Doer;
  readonly onEtcd: Doer;
  readonly inCluster: Doer;
}

/**
 * Once in a cluster, or once on each node. `daemon/up/on-etcd.ts` and `daemon/up/in-cluster.ts`
 * start what this says; docs/clusters.md shows it.
 */
export const duties: readonly Duty[] = [
  duty('tables, planes, DNS, ingress', 'every node', 'every node'),
  duty('virtual IPs (their own election: VRRP)', 'every node', 'every node'),
  duty('readiness probes of Pods', 'every node', 'the cluster'),
  duty('active checks of Services', 'leader', 'every node'),
  duty('ClusterIPs and node ports', 'leader', 'the cluster'),
  duty('EndpointSlices from Pods and Endpoints', 'leader', 'the cluster'),
  duty('default IngressClass', 'leader', 'the cluster'),
  duty('load-balancer addresses from AddressPools', 'leader', 'leader'),
  duty('status of Ingresses', 'leader', 'leader'),
  duty('Events about problems', 'no one', 'leader'),
  duty('compaction of history', 'leader', 'the cluster'),
];

function duty(name: string, onEtcd: Doer, inCluster: Doer): Duty {
  return { name, alone: 'every node', onEtcd, inCluster };
}
