import { EtcdLease, type LeaseLock } from '../../controller/cluster/index.ts';
import { type ApiClient, ClusterLease } from '../../controller/sources/kubernetes/index.ts';
import type { EtcdClient, Keys } from '../../controller/store/etcd/index.ts';

/** Where daemons of several nodes meet, by name; nowhere for one that is alone. */
export function leaseLocks(
  cluster: { readonly client: ApiClient; readonly namespace: string } | undefined,
  etcd: { readonly client: EtcdClient; readonly keys: Keys } | undefined,
): { readonly leaseLock?: (name: string) => LeaseLock } {
  if (cluster) {
    return { leaseLock: (name) => new ClusterLease(cluster.client, cluster.namespace, name) };
  }
  return etcd ? { leaseLock: (name) => new EtcdLease(etcd.client, etcd.keys, name) } : {};
}
