import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Problem } from '../../controller/base/index.ts';
import { kubernetesTimings, LeaderElection, WhileLeading } from '../../controller/cluster/index.ts';
import { type HealthCheckOptions, startHealthChecks } from '../../controller/health/index.ts';
import type { Ingress, IngressAddress, Node } from '../../controller/objects/index.ts';
import { startClusterReconcilers } from '../../controller/reconcile/index.ts';
import {
  type ApiClient,
  ClusterLease,
  type ClusterStore,
  EventRecorder,
} from '../../controller/sources/kubernetes/index.ts';
import type { Store } from '../../controller/store/index.ts';
import type { Configuration } from '../config/index.ts';

export interface InClusterOptions extends Omit<HealthCheckOptions, 'podProbes' | 'store'> {
  readonly store: ClusterStore;
  readonly client: ApiClient;
  /** Where the Lease lies. */
  readonly namespace: string;
  readonly configuration: Configuration;
  /** Calls for each problem that holds, and for each that appears. */
  readonly subscribe: (listener: (problem: Problem) => void) => Disposable;
  /** Whether this program serves an Ingress. */
  readonly served: (ingress: Ingress) => boolean;
}

/**
 * What a daemon does in a real cluster beside serving: active checks of Services on every node;
 * status of Ingresses and load balancers, and Events, on the one that leads. Resolves when first verdicts are in.
 */
export async function startInCluster(options: InClusterOptions): Promise<AsyncDisposable> {
  const { store, client, namespace, configuration, served, clock, random, log, meter } = options;
  await using started = new AsyncDisposableStack();
  const work = started.use(
    new WhileLeading(
      async () => {
        const running = new AsyncDisposableStack();
        const reconcilers = running.use(
          startClusterReconcilers({
            ...options,
            ingressStatus: { served, addresses: () => publishedAddresses(store, configuration) },
          }),
        );
        // Whose Ingresses are ours, and where nodes are reached.
        running.use(
          store.watch({ kinds: ['IngressClass', 'Node'] }, () =>
            reconcilers.refreshIngressStatus(),
          ),
        );
        const events = running.use(new EventRecorder(options));
        running.use(options.subscribe((one) => !isOfThisNode(one) && events.record(one)));
        return running;
      },
      clock,
      log,
    ),
  );
  started.use(
    new LeaderElection({
      lock: new ClusterLease(client, namespace, 'portolan'),
      // As client-go: a daemon that comes back must not take the lease of its former self.
      identity: `${hostname()}_${randomUUID()}`,
      timings: kubernetesTimings,
      clock,
      random,
      log,
      meter,
      onChange: (leading) => work.set(leading),
    }),
  );
  const events = started.use(new EventRecorder(options));
  started.use(options.subscribe((one) => isOfThisNode(one) && events.record(one)));
  // The kubelet probes Pods.
  const health = started.use(startHealthChecks({ ...options, podProbes: 'none' }));
  await health.settled();
  return started.move();
}

/** What the other nodes cannot see, the leader among them: who else holds an address here. */
function isOfThisNode({ object }: Problem): boolean {
  return object?.kind === 'VirtualIP';
}

/**
 * Where people reach Ingresses: the address that this daemon listens on, if it is one; with every
 * address of the node (`:80`, as a DaemonSet has it) those of all Nodes that are ready.
 */
export function publishedAddresses(
  store: Pick<Store, 'list'>,
  { ingressHttp, ingressHttps }: Pick<Configuration, 'ingressHttp' | 'ingressHttps'>,
): readonly IngressAddress[] {
  const hosts = [ingressHttp, ingressHttps].flatMap((one) => (one === 'off' ? [] : [one.host]));
  const everywhere = hosts.some((host) => host === '0.0.0.0' || host === '::');
  const named = hosts.filter((host) => host !== '0.0.0.0' && host !== '::');
  const nodes = everywhere ? store.list('Node').items.filter(isReady).flatMap(addressOf) : [];
  return [...new Set([...named, ...nodes])].map((ip) => ({ ip }));
}

function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  );
}

/** As ingress-nginx: the external address of a Node, else its internal one. */
function addressOf({ status }: Node): readonly string[] {
  const of = (wanted: string): string | undefined =>
    status?.addresses?.find(({ type }) => type === wanted)?.address;
  const address = of('ExternalIP') ?? of('InternalIP');
  return address === undefined ? [] : [address];
}
