import type { NodeFacts } from './node-facts.ts';
import type { PortEndpoint } from './port-endpoints.ts';
import type { ServicePort } from './table.ts';

export type SelectedEndpoints = Pick<
  ServicePort,
  'clusterEndpoints' | 'localEndpoints' | 'hasAnyEndpoint' | 'unusedEndpoints' | 'alsoServing'
>;

export interface PolicyUse {
  /** Some traffic may go to endpoints anywhere. */
  readonly usesCluster: boolean;
  /** Some traffic may go to endpoints of this node alone. */
  readonly usesLocal: boolean;
}

/**
 * Which endpoints of a Service port this node uses, as kube-proxy decides it
 * (CategorizeEndpoints): ready ones, for Cluster policy those that topology hints choose; if there
 * is none, those that terminate but still serve (KEP-1669). The two sets fall back apart.
 */
export function selectEndpoints(
  endpoints: readonly PortEndpoint[],
  { usesCluster, usesLocal }: PolicyUse,
  node: NodeFacts,
): SelectedEndpoints {
  const ready = endpoints.filter((one) => one.ready);
  const lastResort = endpoints.filter((one) => one.lastResort);
  const cluster = usesCluster ? firstFilled(nearest(ready, node), lastResort) : [];
  const local = usesLocal ? firstFilled(ready.filter(isLocal), lastResort.filter(isLocal)) : [];
  const used = new Set([...cluster, ...local]);
  const alsoServing = endpoints.filter((one) => one.serving && !used.has(one));
  return {
    clusterEndpoints: cluster.map(({ endpoint }) => endpoint),
    localEndpoints: local.map(({ endpoint }) => endpoint),
    // Under Local policy an endpoint elsewhere makes the difference between DROP and REJECT.
    hasAnyEndpoint: cluster.length > 0 || (usesLocal && ready.length + lastResort.length > 0),
    unusedEndpoints: endpoints
      .filter((one) => !one.ready && !used.has(one))
      .map(({ endpoint }) => endpoint),
    ...(alsoServing.length > 0 && {
      alsoServing: [...new Set(alsoServing.map(({ endpoint }) => endpoint.address))],
    }),
  };
}

const isLocal = ({ endpoint }: PortEndpoint): boolean => endpoint.local;

function firstFilled<X>(first: readonly X[], second: readonly X[]): readonly X[] {
  return first.length > 0 ? first : second;
}

/**
 * Hints count only if every ready endpoint has one (some slice is not written yet otherwise) and
 * one of them speaks of this node or zone. Node hints come before zone hints (KEP-3015).
 */
function nearest(ready: readonly PortEndpoint[], node: NodeFacts): readonly PortEndpoint[] {
  return (
    hinted(ready, node.name, ({ forNodes }) => forNodes) ??
    hinted(ready, node.zone, ({ forZones }) => forZones) ??
    ready
  );
}

function hinted(
  ready: readonly PortEndpoint[],
  here: string | undefined,
  hintOf: (one: PortEndpoint) => readonly string[] | undefined,
): readonly PortEndpoint[] | undefined {
  if (!here || !ready.every((one) => hintOf(one) !== undefined)) return undefined;
  const near = ready.filter((one) => hintOf(one)?.includes(here));
  return near.length > 0 ? near : undefined;
}
