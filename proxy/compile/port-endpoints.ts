import {
  type IPFamily,
  type JudgedEndpoint,
  type Protocol,
  weightOf,
} from '../../controller/objects/index.ts';
import { targetId } from '../balancer/index.ts';
import { canonicalAddress, familyOf } from './address.ts';
import type { Endpoint } from './table.ts';

/** An endpoint of one Service port, with what decides whether this node uses it. */
export interface PortEndpoint {
  readonly id: string;
  readonly endpoint: Endpoint;
  readonly ready: boolean;
  /** Answers, whether or not it should get anything new. */
  readonly serving: boolean;
  /** Serving and terminating: used when nothing is ready. */
  readonly lastResort: boolean;
  /** Undefined: no hint. */
  readonly forNodes: readonly string[] | undefined;
  readonly forZones: readonly string[] | undefined;
}

/** A Service port as slices name it. */
export interface PortName {
  readonly name: string;
  readonly protocol: Protocol;
}

/**
 * The port number under which a slice offers a Service port: same name, same protocol. An absent
 * name is the empty one, as API defaulting has it, and no wildcard.
 */
export function slicePortOf({ slice }: JudgedEndpoint, wanted: PortName): number | undefined {
  const found = slice.ports?.find(
    ({ name, protocol = 'TCP', port }) =>
      (name ?? '') === wanted.name && protocol === wanted.protocol && port,
  );
  return found?.port;
}

/**
 * The endpoints of one Service port in one family, by `address:port`, sorted so that equal input
 * makes an equal table. Slices may list one twice, as while a controller moves it: then a local
 * copy counts before others, and a ready one before an unready.
 */
export function endpointsOfPort(
  judged: readonly JudgedEndpoint[],
  port: PortName,
  family: IPFamily,
  nodeName: string,
): readonly PortEndpoint[] {
  const byId = new Map<string, PortEndpoint>();
  for (const one of judged) {
    if (one.slice.addressType !== family) continue;
    const number = slicePortOf(one, port);
    if (number === undefined || familyOf(one.address) !== family) continue;
    const candidate = portEndpoint(one, number, nodeName);
    const known = byId.get(candidate.id);
    if (!known || precedes(candidate, known)) byId.set(candidate.id, candidate);
  }
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function precedes(a: PortEndpoint, b: PortEndpoint): boolean {
  if (a.endpoint.local !== b.endpoint.local) return a.endpoint.local;
  return a.ready && !b.ready;
}

function portEndpoint(judged: JudgedEndpoint, port: number, nodeName: string): PortEndpoint {
  const { endpoint, ready, serving, terminating } = judged;
  const address = canonicalAddress(judged.address) ?? judged.address;
  const { forNodes, forZones } = endpoint.hints ?? {};
  return {
    id: targetId(address, port),
    endpoint: {
      address,
      port,
      weight: weightOf(judged.weights, judged.address, port),
      local: endpoint.nodeName === nodeName,
      terminating,
    },
    ready,
    serving,
    lastResort: serving && terminating,
    forNodes: namesOf(forNodes),
    forZones: namesOf(forZones),
  };
}

function namesOf(
  hints: readonly { readonly name: string }[] | undefined,
): readonly string[] | undefined {
  return hints && hints.length > 0 ? hints.map(({ name }) => name) : undefined;
}
