import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  EtcdLease,
  LeaderElection,
  type LeaseTimings,
  WhileLeading,
} from '../../controller/cluster/index.ts';
import { type HealthCheckOptions, startHealthChecks } from '../../controller/health/index.ts';
import {
  MemoryLedger,
  type ReconcilerOptions,
  startReconcilers,
} from '../../controller/reconcile/index.ts';
import {
  compactRegularly,
  type EtcdClient,
  type EtcdStore,
  type Keys,
} from '../../controller/store/etcd/index.ts';

/**
 * Shorter than those of Kubernetes: here nobody but these daemons gives new Services an address,
 * and etcd bears a write a second with ease.
 */
const timings: LeaseTimings = {
  leaseDurationMs: 6_000,
  renewDeadlineMs: 4_000,
  retryPeriodMs: 1_000,
};

/** Of the lease, and of what fences the writes of its holder. */
const leaseName = 'portolan';

export interface OnEtcdOptions extends Omit<HealthCheckOptions, 'podProbes' | 'store'> {
  readonly store: EtcdStore;
  readonly client: EtcdClient;
  readonly keys: Keys;
  /** What reconcilers need beside a store and a ledger. */
  readonly reconciling: Pick<ReconcilerOptions, 'serviceCidrs' | 'nodePortRange' | 'ingressStatus'>;
}

/**
 * What daemons that share etcd do beside serving: each probes the Pods of its node; the one that
 * leads reconciles, and checks Services and the Pods that are on no node. Resolves when the first verdicts of this node are in.
 */
export async function startOnEtcd(options: OnEtcdOptions): Promise<AsyncDisposable> {
  const { store, client, keys, clock, log, reconciling } = options;
  await using started = new AsyncDisposableStack();
  // As client-go: a daemon that comes back must not take the lease of its former self.
  const identity = `${hostname()}_${randomUUID()}`;
  const work = started.use(
    new WhileLeading(
      async () => {
        await using running = new AsyncDisposableStack();
        // What the leader before gave away must not be given again.
        await store.sync();
        const fenced = store.fencedBy(leaseName, identity);
        const reconcilers = running.use(
          startReconcilers({
            ...options,
            ...reconciling,
            store: fenced,
            // The objects themselves remember.
            ledger: new MemoryLedger(),
          }),
        );
        running.use(
          store.watch({ kinds: ['IngressClass'] }, () => reconcilers.refreshIngressStatus()),
        );
        running.use(startHealthChecks({ ...options, store: fenced, podProbes: 'unassigned' }));
        running.use(compactRegularly(client, () => Number(store.resourceVersion), clock, log));
        return running.move();
      },
      clock,
      log,
    ),
  );
  started.use(
    new LeaderElection({
      ...options,
      lock: new EtcdLease(client, keys, leaseName),
      identity,
      timings,
      onChange: (leading) => work.set(leading),
    }),
  );
  const probes = started.use(
    startHealthChecks({ ...options, podProbes: 'own', checkServices: false }),
  );
  await probes.settled();
  return started.move();
}
