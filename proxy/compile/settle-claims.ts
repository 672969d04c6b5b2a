import type { ObjectRef, Problem } from '../../controller/base/index.ts';
import { type AddressClaims, addressClaim, nodePortClaim } from './address-claims.ts';
import type { ServicePort } from './table.ts';

/** The port without the addresses that an older Service holds, and a problem for each of them. */
export function settleClaims(
  port: ServicePort,
  claims: AddressClaims,
): { readonly port: ServicePort; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const keeps = (address: string, field: string): boolean => {
    const holder = claims.holderBefore(port, addressClaim(port, address));
    const text = `${address}:${port.port}`;
    if (holder !== undefined) problems.push(conflict(port, field, text, holder));
    return holder === undefined;
  };
  const clusterIP = port.clusterIP;
  const keepsClusterIP = clusterIP === undefined || keeps(clusterIP, 'spec.clusterIP');
  const externalIPs = port.externalIPs.filter((ip) => keeps(ip, 'spec.externalIPs'));
  const loadBalancerIPs = port.loadBalancerIPs.filter((ip) =>
    keeps(ip, 'status.loadBalancer.ingress'),
  );
  const nodePortHolder =
    port.nodePort > 0 ? claims.holderBefore(port, nodePortClaim(port)) : undefined;
  if (nodePortHolder !== undefined) {
    problems.push(conflict(port, 'spec.ports', `nodePort ${port.nodePort}`, nodePortHolder));
  }
  if (problems.length === 0) return { port, problems };
  const settled = {
    ...port,
    clusterIP: keepsClusterIP ? clusterIP : undefined,
    nodePort: nodePortHolder === undefined ? port.nodePort : 0,
    externalIPs,
    loadBalancerIPs,
  };
  return { port: settled, problems };
}

function conflict(port: ServicePort, field: string, what: string, holder: string): Problem {
  const { namespace, name, protocol } = port;
  const object: ObjectRef = { kind: 'Service', namespace, name, field };
  const other = holder.slice(0, holder.indexOf(':'));
  return {
    severity: 'error',
    reason: 'AddressConflict',
    message: `${what} (${protocol}) belongs to Service ${other}, which was there first; it is not served for this one`,
    instead: 'another address or port in one of the two',
    object,
  };
}
