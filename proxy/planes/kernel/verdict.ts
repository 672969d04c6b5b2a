import type { ServicePort } from '../../compile/table.ts';

/** What an address is to its Service. */
export type Role = 'clusterIP' | 'externalIP' | 'loadBalancerIP' | 'nodePort';

/** Where packets are addressed to before any rewriting. */
export type Destination =
  | { readonly kind: 'address'; readonly address: string; readonly port: number }
  /** On every address that serves NodePorts. */
  | { readonly kind: 'nodePort'; readonly port: number };

/** Which of a Service port's endpoint sets. */
export type Scope = 'cluster' | 'local';

/** What happens to new flows; kube-proxy's decision table, less what one packet's source decides. */
export type Verdict =
  /** ICMP port unreachable: there is no endpoint anywhere. */
  | { readonly kind: 'reject' }
  /** Silence: there are endpoints, but a Local policy forbids them. */
  | { readonly kind: 'drop' }
  | {
      readonly kind: 'forward';
      readonly scope: Scope;
      readonly masquerade: 'always' | 'unlessPod';
    }
  /**
   * externalTrafficPolicy Local: Pods of this node get the cluster set unmasqueraded, the node
   * itself the same masqueraded, everybody else the local set unmasqueraded, or silence.
   */
  | { readonly kind: 'bySource'; readonly hasLocal: boolean };

/** One way to reach a Service port. */
export interface Route {
  readonly role: Role;
  readonly destination: Destination;
  readonly verdict: Verdict;
}

/** Every way to reach `port`. An address with two roles appears once, in its stricter role. */
export function routesOf(port: ServicePort): readonly Route[] {
  const routes = new Map<string, Route>();
  const add = (role: Role, address: string): void => {
    if (routes.has(address)) return;
    const destination = { kind: 'address', address, port: port.port } as const;
    const verdict = role === 'clusterIP' ? internalVerdict(port) : externalVerdict(port);
    routes.set(address, { role, destination, verdict });
  };
  if (port.clusterIP !== undefined) add('clusterIP', port.clusterIP);
  for (const address of port.loadBalancerIPs) add('loadBalancerIP', address);
  for (const address of port.externalIPs) add('externalIP', address);
  const all = [...routes.values()];
  if (port.nodePort === 0) return all;
  const destination = { kind: 'nodePort', port: port.nodePort } as const;
  return [...all, { role: 'nodePort', destination, verdict: externalVerdict(port) }];
}

function internalVerdict(port: ServicePort): Verdict {
  if (!port.hasAnyEndpoint) return { kind: 'reject' };
  const scope = port.internalPolicy === 'Local' ? 'local' : 'cluster';
  if (endpointsOf(port, scope).length === 0) return { kind: 'drop' };
  return { kind: 'forward', scope, masquerade: 'unlessPod' };
}

function externalVerdict(port: ServicePort): Verdict {
  if (!port.hasAnyEndpoint || port.clusterEndpoints.length === 0) return { kind: 'reject' };
  if (port.externalPolicy === 'Local') {
    return { kind: 'bySource', hasLocal: port.localEndpoints.length > 0 };
  }
  return { kind: 'forward', scope: 'cluster', masquerade: 'always' };
}

/** The endpoints of one scope. */
export function endpointsOf(port: ServicePort, scope: Scope): ServicePort['clusterEndpoints'] {
  return scope === 'cluster' ? port.clusterEndpoints : port.localEndpoints;
}
