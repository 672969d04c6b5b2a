import { LoadBalancerStatus } from './allocation/load-balancer-status.ts';
import { type IngressStatusOptions, IngressStatusWriter } from './ingress-status.ts';
import { type LoopContext, ReconcileLoop } from './reconcile-loop.ts';

export interface ClusterReconcilerOptions extends LoopContext {
  readonly ingressStatus: Omit<IngressStatusOptions, 'store'>;
}

/** The running reconcilers. Disposing lets what is being written end. */
export interface ClusterReconcilers extends AsyncDisposable {
  /** To be called when `ingressStatus` would answer otherwise than before. */
  refreshIngressStatus(): void;
}

/**
 * Starts what the leader writes into a real cluster: where Ingresses and load balancers are
 * reached. Slices, cluster IPs and defaults are the work of the cluster's own controllers.
 */
export function startClusterReconcilers(options: ClusterReconcilerOptions): ClusterReconcilers {
  const { store, ingressStatus } = options;
  const writer = new IngressStatusWriter({ store, ...ingressStatus });
  const statusLoop = new ReconcileLoop(writer, options);
  const loops = [statusLoop, new ReconcileLoop(new LoadBalancerStatus(store), options)];
  return {
    refreshIngressStatus: () => statusLoop.add(writer.allKeys()),
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()));
    },
  };
}
