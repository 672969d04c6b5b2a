import type { Ingress, IngressAddress } from '../objects/index.ts';
import { parseAddressRange } from './allocation/address-range.ts';
import type { AllocationLedger } from './allocation/ledger.ts';
import { type PoolsByFamily, type PortRange, poolsByFamily } from './allocation/pool.ts';
import { ServiceAllocation } from './allocation/service-allocation.ts';
import { DefaultIngressClass } from './default-ingress-class.ts';
import { EndpointSlices } from './endpoint-slices/endpoint-slices.ts';
import { EndpointsMirroring } from './endpoint-slices/mirroring.ts';
import { IngressStatusWriter } from './ingress-status.ts';
import { type LoopContext, ReconcileLoop } from './reconcile-loop.ts';

export interface ReconcilerOptions extends LoopContext {
  /** At least one; the first decides the family of Services that name none. */
  readonly serviceCidrs: readonly string[];
  readonly nodePortRange: PortRange;
  /** Disposed by whoever made it, after the reconcilers. */
  readonly ledger: AllocationLedger;
  /** Absent: the status of Ingresses is left alone. */
  readonly ingressStatus?: {
    readonly served: (ingress: Ingress) => boolean;
    readonly addresses: () => readonly IngressAddress[];
  };
}

/** The running reconcilers. Disposing lets what is being written end. */
export interface Reconcilers extends AsyncDisposable {
  /**
   * Resolves once all that is in the store has been planned and written, by every reconciler, also
   * what they made for each other. Writes that failed and wait for a retry do not count.
   */
  settled(): Promise<void>;
  /** To be called when `ingressStatus` would answer otherwise than before. */
  refreshIngressStatus(): void;
}

/**
 * Starts everything that derives objects from objects on a machine without a control plane.
 * @throws ConfigError `InvalidCIDR`
 */
export function startReconcilers(options: ReconcilerOptions): Reconcilers {
  const { store, ledger, nodePortRange, ingressStatus } = options;
  const clusterIPs = poolsByFamily(options.serviceCidrs.map(parseAddressRange));
  const loadBalancerIPs = loopbackPools(options, clusterIPs);
  const start = (reconciler: ConstructorParameters<typeof ReconcileLoop>[0]): ReconcileLoop =>
    new ReconcileLoop(reconciler, options);

  // Allocation first: it says which families a Service has, which slices then follow.
  const loops = [
    start(new ServiceAllocation({ store, ledger, clusterIPs, loadBalancerIPs, nodePortRange })),
    start(new EndpointSlices({ store, defaultFamilies: [...clusterIPs.keys()].slice(0, 1) })),
    start(new EndpointsMirroring(store)),
    start(new DefaultIngressClass(store)),
  ];
  const statusWriter = ingressStatus && new IngressStatusWriter({ store, ...ingressStatus });
  const statusLoop = statusWriter && start(statusWriter);
  if (statusLoop) loops.push(statusLoop);

  return {
    settled: () => allIdle(loops),
    refreshIngressStatus: () => statusLoop?.add(statusWriter?.allKeys() ?? []),
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop[Symbol.asyncDispose]()));
    },
  };
}

/** What one writes wakes others, so all must be idle at the same moment. */
async function allIdle(loops: readonly ReconcileLoop[]): Promise<void> {
  while (!loops.every((loop) => loop.isIdle)) await Promise.all(loops.map((loop) => loop.idle()));
}

/**
 * Where load-balancer addresses come from while there is no AddressPool: those service CIDRs that
 * are loopback, if any. On a laptop every address of 127.0.0.0/8 reaches this machine, so
 * EXTERNAL-IP works there at once; an address of its own, and not the cluster IP again, keeps
 * internal and external traffic policy apart. Elsewhere nobody but the user knows which addresses
 * are routed here.
 */
function loopbackPools(
  { serviceCidrs }: ReconcilerOptions,
  clusterIPs: PoolsByFamily,
): PoolsByFamily {
  const loopback = serviceCidrs.filter((cidr) => cidr.startsWith('127.'));
  return loopback.length === serviceCidrs.length
    ? clusterIPs
    : poolsByFamily(loopback.map(parseAddressRange));
}
