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
export const packetProtocols = ['TCP', 'UDP'] as const;

export type Source = (typeof sources)[number];
export type DestinationKind = (typeof destinations)[number];
export type State = (typeof states)[number];

/** Who answers and whether it sees the client's own address; or `refused`, or `silence`. */
export type Outcome =
  | { readonly kind: 'refused' | 'silence' }
  | { readonly kind: 'answer'; readonly by: HostName; readonly masqueraded: boolean };

export interface PacketCase {
  readonly name: string;
  readonly source: Source;
  readonly destination: DestinationKind;
  readonly state: State;
  readonly family: IPFamily;
  readonly protocol: 'TCP' | 'UDP';
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

const toClusterIP: Readonly<Record<Exclude<Source, 'hairpin'>, Row>> = {
  pod: { cluster, local, localEmpty: silence, none: refused },
  node: { cluster: clusterMasq, local: localMasq, localEmpty: silence, none: refused },
  other: { cluster: clusterMasq, local: localMasq, localEmpty: silence, none: refused },
};
const toExternal: Readonly<Record<Exclude<Source, 'hairpin'>, Row>> = {
  pod: { cluster: clusterMasq, local: cluster, localEmpty: cluster, none: refused },
  node: { cluster: clusterMasq, local: clusterMasq, localEmpty: clusterMasq, none: refused },
  other: { cluster: clusterMasq, local, localEmpty: silence, none: refused },
};

/** A Pod that reaches itself is masqueraded in every row, or it would see its own address. */
const hairpinRow: Row = {
  cluster: localMasq,
  local: localMasq,
  localEmpty: localMasq,
  none: refused,
};

function expectedOf(source: Source, destination: DestinationKind, state: State): Outcome {
  if (source !== 'hairpin') {
    return (destination === 'clusterIP' ? toClusterIP : toExternal)[source][state];
  }
  // Its own Service has it as endpoint of both sets, unless the local one is empty.
  return destination === 'clusterIP' && state === 'localEmpty' ? silence : hairpinRow[state];
}

/** Which Service port a case asks. */
function portOf(
  state: State,
  family: IPFamily,
  protocol: 'TCP' | 'UDP',
  hairpin: boolean,
): ServicePort {
  const number = 1 + states.indexOf(state) + (hairpin ? states.length : 0);
  const own = protocol === 'UDP' ? 100 + number : number;
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

/** Every combination: sources × destinations × states × families × protocols. */
export function packetCases(): readonly PacketCase[] {
  const cases: PacketCase[] = [];
  for (const source of sources) {
    for (const destination of destinations) {
      for (const state of states) {
        for (const family of families) {
          for (const protocol of packetProtocols) {
            const port = portOf(state, family, protocol, source === 'hairpin');
            cases.push({
              name: [source, destination, state, family, protocol].join(' '),
              source,
              destination,
              state,
              family,
              protocol,
              host: hostOf(port, destination),
              port: destination === 'nodePort' ? port.nodePort : port.port,
              expected: expectedOf(source, destination, state),
            });
          }
        }
      }
    }
  }
  return cases;
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
