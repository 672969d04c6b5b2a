import { isIPv6 } from 'node:net';
import type { ServicePort } from '../../compile/table.ts';

/** What an address is to its Service; it decides the traffic policy and the source filter. */
export type ListenRole = 'clusterIP' | 'loadBalancer' | 'externalIP' | 'nodePort';

/** One address and port on which a Service port is served. */
export interface ListenPoint {
  readonly host: string;
  readonly port: number;
  readonly role: ListenRole;
}

/** `127.96.0.10:80`, `[fd00::1]:80`. */
export function formatListenPoint({ host, port }: { host: string; port: number }): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Where to listen for `port` now, by `formatListenPoint`. An address that has two roles keeps the
 * stricter one: a load-balancer address that is an external IP too is still filtered. Without any
 * endpoint that a client could be sent to, the address is left closed, so that the kernel answers:
 * TCP with RST, UDP with port unreachable. Under `Local` policy the list stays open while there
 * are endpoints elsewhere, because clients on this node may use those.
 */
export function listenPlan(
  port: ServicePort,
  nodePortAddresses: readonly string[],
): Map<string, ListenPoint> {
  const plan = new Map<string, ListenPoint>();
  const add = (host: string, number: number, role: ListenRole): void => {
    const key = formatListenPoint({ host, port: number });
    if (!plan.has(key)) plan.set(key, { host, port: number, role });
  };
  if (port.clusterIP !== undefined && internalEndpoints(port) > 0) {
    add(port.clusterIP, port.port, 'clusterIP');
  }
  if (externalEndpoints(port) > 0) {
    for (const ip of port.loadBalancerIPs) add(ip, port.port, 'loadBalancer');
    for (const ip of port.externalIPs) add(ip, port.port, 'externalIP');
    if (port.nodePort !== 0) {
      for (const host of nodePortAddresses) {
        if (isIPv6(host) === (port.family === 'IPv6')) add(host, port.nodePort, 'nodePort');
      }
    }
  }
  return plan;
}

function internalEndpoints(port: ServicePort): number {
  return port.internalPolicy === 'Local'
    ? port.localEndpoints.length
    : port.clusterEndpoints.length;
}

function externalEndpoints(port: ServicePort): number {
  return port.externalPolicy === 'Local'
    ? port.clusterEndpoints.length + port.localEndpoints.length
    : port.clusterEndpoints.length;
}
