import type { Problem } from '../../../controller/base/index.ts';
import type { ServicePort } from '../../compile/table.ts';
import { formatListenPoint, type ListenPoint } from './listen-plan.ts';

/** Why an address could not be had. */
export interface BindFailure {
  /** An errno name, or `CLAIMED`: another Service port has it. */
  readonly code: string;
  /** For `CLAIMED`: whose it is. */
  readonly holder?: string;
}

/** What the user should know about an address that a Service port is not served on. */
export function bindProblem(port: ServicePort, point: ListenPoint, failure: BindFailure): Problem {
  const { reason, message, instead } = explain(port, point, failure);
  // Addresses that come from outside (a cloud, a router) are often not on this machine: fine there.
  const expected =
    reason === 'AddressNotLocal' && (point.role === 'externalIP' || point.role === 'loadBalancer');
  return {
    severity: expected ? 'warning' : 'error',
    reason,
    message: `${formatListenPoint(point)} ${message}; the Service is not reachable there`,
    instead,
    object: {
      kind: 'Service',
      namespace: port.namespace,
      name: port.name,
      field: fieldOf(port, point),
    },
  };
}

function explain(
  port: ServicePort,
  { port: number, role, host }: ListenPoint,
  { code, holder }: BindFailure,
): { reason: string; message: string; instead: string } {
  const socketList = port.protocol === 'UDP' ? 'ss -lunp' : 'ss -ltnp';
  switch (code) {
    case 'CLAIMED':
      return {
        reason: 'PortInUse',
        message: `is served for ${holder ?? 'another Service'} already`,
        instead: `give one of the two Services another ${role === 'nodePort' ? 'nodePort' : 'port or address'}`,
      };
    case 'EADDRINUSE':
      return {
        reason: 'PortInUse',
        message: 'is taken by another process',
        instead: `end that process (find it with "${socketList} 'sport = :${number}'") or choose another port`,
      };
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return {
        reason: 'AddressNotLocal',
        message: `can't be listened on: no interface of this machine has ${host}`,
        instead: addressAdvice(role, host),
      };
    case 'EACCES':
    case 'EPERM':
      return {
        reason: 'PermissionDenied',
        message: `needs a privilege: ports below 1024 are reserved`,
        instead:
          'grant CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or use a port from 1024 on',
      };
    case 'EMFILE':
    case 'ENFILE':
      return {
        reason: 'TooManyOpenFiles',
        message: 'needs a file descriptor and there is none left',
        instead: 'raise the limit (ulimit -n, or LimitNOFILE= in the systemd unit)',
      };
    default:
      return {
        reason: 'BindFailed',
        message: `can't be listened on (${code})`,
        instead: 'see errno(3) for what the code means; it is tried again meanwhile',
      };
  }
}

function addressAdvice(role: ListenPoint['role'], host: string): string {
  switch (role) {
    case 'clusterIP':
      return 'use --service-cidr 127.96.0.0/16, whose addresses every Linux has, or a kernel --proxy-mode';
    case 'nodePort':
      return 'name addresses of this machine as NodePort addresses';
    case 'externalIP':
    case 'loadBalancer':
      return `add it to an interface (ip address add ${host} dev lo) or ignore this if it lives elsewhere`;
  }
}

function fieldOf(port: ServicePort, { role }: ListenPoint): string {
  switch (role) {
    case 'clusterIP':
      return 'spec.clusterIP';
    case 'nodePort':
      return `spec.ports[${port.portName || port.port}].nodePort`;
    case 'externalIP':
      return 'spec.externalIPs';
    case 'loadBalancer':
      return 'status.loadBalancer.ingress';
  }
}

/** SCTP has no sockets in Node. */
export function protocolProblem(port: ServicePort): Problem {
  return {
    severity: 'error',
    reason: 'ProtocolNotServed',
    message: `${port.protocol} port ${port.port} is not served: the userspace plane carries TCP and UDP`,
    instead: 'use --proxy-mode iptables or nftables, which forward SCTP',
    object: {
      kind: 'Service',
      namespace: port.namespace,
      name: port.name,
      field: `spec.ports[${port.portName || port.port}].protocol`,
    },
  };
}
