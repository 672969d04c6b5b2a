import {
  judgeEndpoints,
  type ServiceBundle,
  type ServicePortSpec,
  weightOf,
} from '../../controller/objects/index.ts';
import { targetId } from '../../proxy/balancer/index.ts';
import type { PoolEndpoint, Pool } from './table.ts';

/**
 * The endpoints that requests to one Service port may go to: ready ones, each once, sorted, so
 * that equal sets are equal values.
 */
export function poolEndpoints(
  bundle: ServiceBundle,
  servicePort: ServicePortSpec,
): readonly PoolEndpoint[] {
  const byId = new Map<string, PoolEndpoint>();
  for (const judged of judgeEndpoints(bundle).endpoints) {
    if (!judged.ready) continue;
    const port = judged.slice.ports?.find(
      (one) => (one.name ?? '') === (servicePort.name ?? '') && (one.protocol ?? 'TCP') === 'TCP',
    )?.port;
    if (port === undefined) continue;
    const id = targetId(judged.address, port);
    if (byId.has(id)) continue;
    const weight = weightOf(judged.weights, judged.address, port);
    byId.set(id, { address: judged.address, port, weight });
  }
  return [...byId.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/**
 * What to speak to the endpoints, from the Service port's `appProtocol` (KEP-3726 names and the
 * plain IANA ones). Unset and unknown values mean HTTP/1.1; WebSocket starts as HTTP/1.1 too.
 */
export function poolProtocol(appProtocol: string | undefined): Pool['protocol'] {
  switch (appProtocol?.toLowerCase() ?? '') {
    case 'https':
    case 'kubernetes.io/wss':
      return 'https';
    case 'kubernetes.io/h2c':
    case 'grpc':
    case 'http2':
      return 'h2c';
    case 'grpcs':
      return 'h2';
    default:
      return 'http';
  }
}
