import type { Service } from '../../controller/objects/index.ts';

/** What compilation must know of the node it is for. */
export interface NodeFacts {
  /** As endpoints' `nodeName` says it. */
  readonly name: string;
  /** Its `topology.kubernetes.io/zone`. Undefined or '': zone hints are not heeded. */
  readonly zone: string | undefined;
  /** Undefined: Services without the proxy-name label. Otherwise those that carry this value. */
  readonly serviceProxyName?: string | undefined;
}

/** Label by which a Service asks for another proxy than the default one (KEP-2447). */
const serviceProxyNameLabel = 'service.kubernetes.io/service-proxy-name';

/** Whether this node's proxy serves the Service at all. Headless and ExternalName ones need none. */
export function isProxied({ spec, metadata }: Service, node: NodeFacts): boolean {
  const clusterIP = spec?.clusterIP || spec?.clusterIPs?.[0];
  if (!clusterIP || clusterIP === 'None' || spec?.type === 'ExternalName') return false;
  return metadata.labels?.[serviceProxyNameLabel] === node.serviceProxyName;
}
