import type { TrackedPlane } from '../../controller/objects/index.ts';
import type { RouteTable } from '../../ingress/index.ts';
import type { PlaneName } from '../worker/protocol.ts';

/** What this node serves at the moment. */
export interface ServedHere {
  /** Those that live, each with the generation of each plane's table that it has in force. */
  readonly workers: readonly { readonly applied: Readonly<Record<PlaneName, number>> }[];
  /** The kernel forwards, and not the workers. */
  readonly isKernelProxy: boolean;
  /** False once a change of Services has waited too long to be in force. */
  readonly isProxyHealthy: boolean;
  readonly pools: RouteTable['pools'] | undefined;
}

/**
 * Whether a virtual IP that tracks a plane may be held here. `serviceWorks`: whether a Service
 * (`namespace/name`) has an endpoint that is healthy: where all are ill, tables list them all again.
 */
export function planeWorks(
  plane: TrackedPlane,
  served: ServedHere,
  serviceWorks: (service: string) => boolean,
): boolean {
  const someWorker = (name: PlaneName): boolean =>
    served.workers.some(({ applied }) => applied[name] > 0);
  switch (plane) {
    case 'L4':
      return served.isKernelProxy ? served.isProxyHealthy : someWorker('l4');
    case 'DNS':
      return someWorker('dns');
    case 'Ingress':
      return someWorker('ingress') && hasHealthyBackend(served.pools, serviceWorks);
  }
}

/** Without any backend there is none to be ill: this node is as good as the others. */
function hasHealthyBackend(
  pools: ServedHere['pools'],
  serviceWorks: (service: string) => boolean,
): boolean {
  if (pools === undefined || pools.size === 0) return true;
  for (const { namespace, service, endpoints } of pools.values()) {
    if (endpoints.length > 0 && serviceWorks(`${namespace}/${service}`)) return true;
  }
  return false;
}
