import type {
  EndpointSlice,
  Service,
  ServiceBundle,
  ServiceSpec,
  SliceEndpoint,
} from '../../../controller/objects/index.ts';
import { compileService, type NodeFacts, type ServicePort } from '../../../proxy/compile/index.ts';

/** The node that the tests compile for. */
export const here: NodeFacts = { name: 'here', zone: 'zone-a' };

/** Service web/shop with clusterIP 10.96.0.1 and one unnamed port 80. */
export function service(
  spec: ServiceSpec = {},
  metadata: Partial<Service['metadata']> = {},
): Service {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'web', name: 'shop', ...metadata },
    spec: { clusterIP: '10.96.0.1', ports: [{ port: 80 }], ...spec },
  };
}

/**
 * Endpoints as text: `1 2:here 3:unready:zone=zone-b`. The number completes 10.1.0.x (fd00::x),
 * what follows are flags:
 * - ready (implied), unready, serving (unready, not terminating), terminating (and serving),
 *   gone (terminating, no longer serving)
 * - here, there: on this node, on another
 * - zone=Z, node=N: hints, several joined by `+`
 */
export function endpoints(text: string, prefix = '10.1.0.'): readonly SliceEndpoint[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((entry) => {
      const [number, ...flags] = entry.split(':');
      const hint = (name: string): readonly { name: string }[] | undefined =>
        flags
          .find((flag) => flag.startsWith(`${name}=`))
          ?.slice(name.length + 1)
          .split('+')
          .map((one) => ({ name: one }));
      const [forZones, forNodes] = [hint('zone'), hint('node')];
      const nodeName = flags.find((flag) => flag === 'here' || flag === 'there');
      return {
        addresses: [`${prefix}${number}`],
        conditions: conditionsOf(flags),
        ...(nodeName !== undefined && { nodeName }),
        ...((forZones || forNodes) && {
          hints: { ...(forZones && { forZones }), ...(forNodes && { forNodes }) },
        }),
      };
    });
}

function conditionsOf(flags: readonly string[]): NonNullable<SliceEndpoint['conditions']> {
  if (flags.includes('gone')) return { ready: false, serving: false, terminating: true };
  if (flags.includes('terminating')) return { ready: false, serving: true, terminating: true };
  if (flags.includes('serving')) return { ready: false, serving: true };
  if (flags.includes('unready')) return { ready: false, serving: false };
  return {};
}

/** A slice with one unnamed port 8080. */
export function slice(
  text: string,
  changes: Partial<EndpointSlice> = {},
  metadata: Partial<EndpointSlice['metadata']> = {},
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'web', name: 'shop-1', ...metadata },
    addressType: 'IPv4',
    endpoints: endpoints(text, changes.addressType === 'IPv6' ? 'fd00::' : '10.1.0.'),
    ports: [{ name: '', port: 8080 }],
    ...changes,
  };
}

export function bundle(service: Service, ...slices: readonly EndpointSlice[]): ServiceBundle {
  return { service, slices, health: undefined };
}

export function compile(
  service: Service,
  slices: readonly EndpointSlice[] = [],
  node: NodeFacts = here,
): { readonly ports: readonly ServicePort[]; readonly reasons: readonly string[] } {
  const { ports, problems } = compileService(bundle(service, ...slices), node);
  return { ports, reasons: problems.map(({ reason }) => reason) };
}

/** The only port of a Service, however many it has: the first. */
export function compileOne(
  service: Service,
  slices: readonly EndpointSlice[] = [],
  node: NodeFacts = here,
): ServicePort {
  const [port] = compile(service, slices, node).ports;
  if (!port) throw new Error('compiles to no port');
  return port;
}

/** `1 2`: the last part of each address. */
export function numbers(list: readonly { readonly address: string }[]): string {
  return list.map(({ address }) => address.split(/[.:]/).at(-1)).join(' ');
}
