import { join } from 'node:path';
import type { Log, Meter, ProblemSink } from '../../controller/base/index.ts';
import { systemClock, systemRandom } from '../../controller/base/index.ts';
import {
  ApiClient,
  type ClusterAccess,
  type ClusterStore,
  followCluster,
  followedKinds,
  podKind,
} from '../../controller/sources/kubernetes/index.ts';
import {
  createEtcdStore,
  type EtcdAccess,
  EtcdClient,
  type EtcdStore,
  Keys,
} from '../../controller/store/etcd/index.ts';
import {
  createDurableStore,
  createMemoryStore,
  type DurableStore,
  type Store,
  storeFileName,
} from '../../controller/store/index.ts';
import type { ZoneNeed } from '../../dns/index.ts';
import type { Configuration } from '../config/index.ts';

/** What was read before a daemon can be made. */
export interface DaemonInputs {
  /** What the Corefile reads of objects beyond what every one does. */
  readonly zoneNeeds?: ReadonlySet<ZoneNeed>;
  /** To the cluster that is followed; disposed with the daemon. */
  readonly access?: ClusterAccess | undefined;
  /** To the etcd through which objects are shared. */
  readonly etcd?: EtcdAccess | undefined;
}

/** Objects that are shared with daemons on other nodes. */
export interface SharedEtcd {
  readonly client: EtcdClient;
  readonly keys: Keys;
  readonly store: EtcdStore;
}

/** A Kubernetes cluster, in place of manifests. */
export interface FollowedCluster {
  readonly store: ClusterStore;
  readonly client: ApiClient;
  /** Where the Lease of this program lies. */
  readonly namespace: string;
}

/** Where the objects of a daemon live. */
export type ObjectHome =
  | { readonly kind: 'cluster'; readonly store: Store; readonly cluster: FollowedCluster }
  | { readonly kind: 'etcd'; readonly store: Store; readonly etcd: SharedEtcd }
  /** Where the API is on: what it is told must outlive a restart, which manifests do by themselves. */
  | { readonly kind: 'durable'; readonly store: Store; readonly durable: DurableStore }
  | { readonly kind: 'memory'; readonly store: Store };

interface HomeContext {
  readonly log: Log;
  readonly meter: Meter;
  readonly problems: ProblemSink;
  /** What is opened here is closed with it. */
  readonly started: AsyncDisposableStack;
}

/** Chooses and makes the store that the configuration asks for. Nothing is opened yet. */
export function createObjectHome(
  { api, dataDir, etcdPrefix }: Configuration,
  { zoneNeeds = new Set(), access, etcd }: DaemonInputs,
  context: HomeContext,
): ObjectHome {
  if (access) {
    const cluster = follow(access, zoneNeeds, context);
    return { kind: 'cluster', store: cluster.store, cluster };
  }
  if (etcd) {
    const shared = shareThrough(etcd, etcdPrefix, context);
    return { kind: 'etcd', store: shared.store, etcd: shared };
  }
  const { log, problems, started } = context;
  const clock = systemClock;
  if (api === 'off') return { kind: 'memory', store: createMemoryStore({ clock, log }) };
  const path = join(dataDir, storeFileName);
  const durable = started.use(createDurableStore({ path, clock, log, problems }));
  return { kind: 'durable', store: durable, durable };
}

function follow(
  access: ClusterAccess,
  zoneNeeds: ReadonlySet<ZoneNeed>,
  { started, ...context }: HomeContext,
): FollowedCluster {
  const client = new ApiClient(access, 'portolan');
  const store = followCluster({
    ...context,
    client,
    kinds: zoneNeeds.has('pods') ? [...followedKinds, podKind] : followedKinds,
    clock: systemClock,
    random: systemRandom,
  });
  started.use(access);
  started.use(store);
  return { store, client, namespace: access.namespace ?? 'kube-system' };
}

function shareThrough(
  access: EtcdAccess,
  prefix: string,
  { started, ...context }: HomeContext,
): SharedEtcd {
  const client = started.use(new EtcdClient(access));
  const keys = new Keys(prefix);
  const store = started.use(
    createEtcdStore({ ...context, client, keys, clock: systemClock, random: systemRandom }),
  );
  return { client, keys, store };
}
