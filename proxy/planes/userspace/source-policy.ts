import type { ServicePort } from '../../compile/table.ts';
import type { ListenRole } from './listen-plan.ts';
import type { SourceRanges } from './source-ranges.ts';

/** Which endpoints a client may be sent to. */
export type EndpointScope = 'cluster' | 'local';

/** What is known of the machine's own addresses. */
export interface NodeAddresses {
  /** True for an address of this machine, loopback included. */
  has(address: string): boolean;
  /** True if any of them, loopback left out, fulfils `test`. */
  some(test: (address: string) => boolean): boolean;
}

/**
 * Which endpoints a client gets, or that it gets none because of `loadBalancerSourceRanges`.
 *
 * - ClusterIP: by internalTrafficPolicy.
 * - Elsewhere: by externalTrafficPolicy; but clients on this node get all endpoints even under
 *   `Local`, since no balancer in front could send them to a better node. That is kube-proxy's
 *   rule. Pods can't be told from other sources here, and count as such.
 */
export function judgeSource(
  port: ServicePort,
  role: ListenRole,
  clientIP: string,
  ranges: SourceRanges | undefined,
  node: NodeAddresses,
): EndpointScope | 'outside-source-ranges' {
  if (role === 'clusterIP') return port.internalPolicy === 'Local' ? 'local' : 'cluster';
  if (role === 'loadBalancer' && ranges && !isInRanges(port, clientIP, ranges, node)) {
    return 'outside-source-ranges';
  }
  return port.externalPolicy === 'Local' && !node.has(clientIP) ? 'local' : 'cluster';
}

/**
 * A node that reaches a balancer address that it holds itself has that very address as source; it
 * is let in if the ranges let in the node.
 */
function isInRanges(
  port: ServicePort,
  clientIP: string,
  ranges: SourceRanges,
  node: NodeAddresses,
): boolean {
  if (ranges.contains(clientIP)) return true;
  return (
    port.loadBalancerIPs.includes(clientIP) && node.some((address) => ranges.contains(address))
  );
}
