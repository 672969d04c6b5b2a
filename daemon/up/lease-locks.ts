import { EtcdLease, type LeaseLock } from '../../controller/cluster/index.ts';
import { ClusterLease } from '../../controller/sources/kubernetes/index.ts';
import type { ObjectHome } from './object-stores.ts';

/** Where daemons of several nodes meet, by name; nowhere for one that is alone. */
export function leaseLocks(home: ObjectHome): { readonly leaseLock?: (name: string) => LeaseLock } {
  switch (home.kind) {
    case 'cluster': {
      const { client, namespace } = home.cluster;
      return { leaseLock: (name) => new ClusterLease(client, namespace, name) };
    }
    case 'etcd': {
      const { client, keys } = home.etcd;
      return { leaseLock: (name) => new EtcdLease(client, keys, name) };
    }
    case 'durable':
    case 'memory':
      return {};
  }
}
