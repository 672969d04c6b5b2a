import type { IPFamily } from '../../controller/objects/index.ts';
import type { ServicePort, ServiceTable } from '../../proxy/compile/table.ts';
import { endpoint, servicePort, tableOf } from '../proxy/planes/kernel/fixtures.ts';
import { addresses, type HostName } from './lab.ts';

/*
 * One table of packets for every data plane: who asks, at which kind of address, under which
 * policy, and what must come of it. The planes' own code is not used to work it out.
 */

export const sources = ['pod', 'node', 'other', 'hairpin'] as const;
export const destinations = ['clusterIP', 'externalIP', 'loadBalancerIP', 'nodePort'] as const;
/** `localEmpty`: Local policy, and endpoints on other nodes alone. `none`: no endpoints at all. */
export const states = ['cluster', 'local', 'localEmpty', 'none'] as const;
export const families = ['IPv4', 'IPv6'] as const;
export const packetProtocols = ['TCP', 'UDP', 'SCTP'] as const;

export type Source = (typeof sources)[number];
export type DestinationKind = (typeof destinations)[number];
export type State = (typeof states)[number];
export type PacketProtocol = (typeof packetProtocols)[number];

/**
 * Kernel planes that know Pods by a detector, that do not, and that masquerade all ClusterIP traffic;
 * and the userspace plane, which takes connections itself and makes its own to the endpoint.
 */
export type Model = 'detector' | 'noDetector' | 'masqueradeAll' | 'userspace';

/**
 * Who answers and whether it sees the client's own address; or `refused`, `silence`, or `reset`: a
 * connection that was taken and then cut.
 */
export type Outcome =
  | { readonly kind: 'refused' | 'reset' | 'silence' }
  | { readonly kind: 'answer'; readonly by: HostName; readonly masqueraded: boolean };

export interface PacketCase {
  readonly name: string;
  readonly source: Source;
  readonly destination: DestinationKind;
  readonly state: State;
  readonly family: IPFamily;
  readonly protocol: PacketProtocol;
  readonly host: string;
  readonly port: number;
  readonly expected: Outcome;
}

const refused: Outcome = { kind: 'refused' };
const silence: Outcome = { kind: 'silence' };
/** The cluster set of every Service port is `podFar` alone, the local set `podA`: so they tell. */
const cluster: Outcome = { kind: 'answer', by: 'podFar', masqueraded: false };
const clusterMasq: Outcome = { kind: 'answer', by: 'podFar', masqueraded: true };
const local: Outcome = { kind: 'answer', by: 'podA', masqueraded: false };
const localMasq: Outcome = { kind: 'answer', by: 'podA', masqueraded: true };

type Row = Readonly<Record<State, Outcome>>;

/** The three kinds of address from outside are judged alike. */
type Table = Readonly<Record<'clusterIP' | 'external', Readonly<Record<Source, Row>>>>;

const everyone = (row: Row): Readonly<Record<Exclude<Source, 'hairpin'>, Row>> => ({
  pod: row,
  node: row,
  other: row,
});

const internalMasq: Row = {
  cluster: clusterMasq,
  local: localMasq,
  localEmpty: silence,
  none: refused,
};
const internal: Row = { cluster, local, localEmpty: silence, none: refused };
const externalOther: Row = { cluster: clusterMasq, local, localEmpty: silence, none: refused };
const externalPod: Row = {
  cluster: clusterMasq,
  local: cluster,
  localEmpty: cluster,
  none: refused,
};
const externalNode: Row = {
  cluster: clusterMasq,
  local: clusterMasq,
  localEmpty: clusterMasq,
  none: refused,
};
/**
 * A Pod that reaches itself is masqueraded in every row, or it would see its own address. Its
 * Service has it as endpoint of both sets, unless the local one is empty.
 */
const hairpinInternal: Row = {
  cluster: localMasq,
  local: localMasq,
  localEmpty: silence,
  none: refused,
};
const hairpinExternal: Row = { ...hairpinInternal, localEmpty: localMasq };

const withDetector: Table = {
  clusterIP: { ...everyone(internalMasq), pod: internal, hairpin: hairpinInternal },
  external: {
    pod: externalPod,
    node: externalNode,
    other: externalOther,
    hairpin: hairpinExternal,
  },
};

const kernelTables: Readonly<Record<Exclude<Model, 'userspace'>, Table>> = {
  detector: withDetector,
  // Nobody is known to be a Pod: ClusterIP traffic stays as it is, and Pods count as others.
  noDetector: {
    clusterIP: { ...everyone(internal), hairpin: hairpinInternal },
    external: {
      pod: externalOther,
      node: externalNode,
      other: externalOther,
      hairpin: hairpinInternal,
    },
  },
  masqueradeAll: {
    ...withDetector,
    clusterIP: { ...everyone(internalMasq), hairpin: hairpinInternal },
  },
};

/**
 * Endpoints see the node. Where nobody is served there is no listener, so clients are refused
 * where kernel planes are silent; but external addresses under Local policy stay open for clients
 * on the node, and others find out after TCP's handshake, or never.
 */
function userspaceOutcome(
  source: Source,
  destination: DestinationKind,
  state: State,
  protocol: PacketProtocol,
): Outcome {
  if (state === 'none') return refused;
  const near = source === 'hairpin' ? localMasq : clusterMasq;
  if (state === 'cluster') return near;
  if (destination === 'clusterIP') return state === 'local' ? localMasq : refused;
  if (source === 'node') return clusterMasq;
  if (state === 'local') return localMasq;
  return protocol === 'TCP' ? { kind: 'reset' } : silence;
}

function expectedOf(
  model: Model,
  source: Source,
  destination: DestinationKind,
  state: State,
  protocol: PacketProtocol,
): Outcome {
  if (model === 'userspace') return userspaceOutcome(source, destination, state, protocol);
  const kind = destination === 'clusterIP' ? 'clusterIP' : 'external';
  return kernelTables[model][kind][source][state];
}

/** Which Service port a case asks. */
function portOf(
  state: State,
  family: IPFamily,
  protocol: PacketProtocol,
  hairpin: boolean,
): ServicePort {
  const number = 1 + states.indexOf(state) + (hairpin ? states.length : 0);
  const own = packetProtocols.indexOf(protocol) * 50 + number;
  const far = [endpoint(addresses[family].podFar)];
  const near = [endpoint(addresses[family].podA, { local: true })];
  const policy = state === 'local' || state === 'localEmpty' ? 'Local' : 'Cluster';
  const v4 = family === 'IPv4';
  return servicePort({
    name: `${hairpin ? 'hairpin-' : ''}${state.toLowerCase()}`,
    family,
    protocol,
    clusterIP: v4 ? `10.96.0.${own}` : `fd96::${own}`,
    externalIPs: [v4 ? `198.51.100.${own}` : `2001:db8:e::${own}`],
    loadBalancerIPs: [v4 ? `203.0.113.${own}` : `2001:db8:f::${own}`],
    nodePort: 30_000 + own,
    internalPolicy: policy,
    externalPolicy: policy,
    clusterEndpoints: state === 'none' ? [] : hairpin ? near : far,
    localEndpoints: state === 'local' ? near : [],
    hasAnyEndpoint: state !== 'none',
  });
}

/** Holds every address of the Services, but for NodePorts. */
export const servedRanges: readonly string[] = [
  '10.96.0.0/16',
  '198.51.100.0/24',
  '203.0.113.0/24',
  'fd96::/112',
  '2001:db8:e::/112',
  '2001:db8:f::/112',
];

/** Every Service port that a case asks. */
export function packetServices(): ServiceTable {
  const ports = families.flatMap((family) =>
    packetProtocols.flatMap((protocol) =>
      states.flatMap((state) => [
        portOf(state, family, protocol, false),
        portOf(state, family, protocol, true),
      ]),
    ),
  );
  return tableOf(1, ports);
}

/** Every combination: sources × destinations × states × families × the given protocols. */
export function packetCases(
  model: Model = 'detector',
  protocols: readonly PacketProtocol[] = packetProtocols,
): readonly PacketCase[] {
  return sources.flatMap((source) =>
    destinations.flatMap((destination) =>
      states.flatMap((state) =>
        families.flatMap((family) =>
          protocols.map((protocol) =>
            packetCase(model, source, destination, state, family, protocol),
          ),
        ),
      ),
    ),
  );
}

/** How many `packetCases` must be, counted in another way. */
export function combinations(protocols: readonly PacketProtocol[] = packetProtocols): number {
  const sizes = [sources, destinations, states, families, protocols].map(({ length }) => length);
  return sizes.reduce((product, length) => product * length, 1);
}

function packetCase(
  model: Model,
  source: Source,
  destination: DestinationKind,
  state: State,
  family: IPFamily,
  protocol: PacketProtocol,
): PacketCase {
  const port = portOf(state, family, protocol, source === 'hairpin');
  return {
    name: [source, destination, state, family, protocol].join(' '),
    source,
    destination,
    state,
    family,
    protocol,
    host: hostOf(port, destination),
    port: destination === 'nodePort' ? port.nodePort : port.port,
    expected: expectedOf(model, source, destination, state, protocol),
  };
}

function hostOf(port: ServicePort, destination: DestinationKind): string {
  switch (destination) {
    case 'clusterIP':
      return port.clusterIP ?? '';
    case 'externalIP':
      return port.externalIPs[0] ?? '';
    case 'loadBalancerIP':
      return port.loadBalancerIPs[0] ?? '';
    case 'nodePort':
      return addresses[port.family].node;
  }
}
