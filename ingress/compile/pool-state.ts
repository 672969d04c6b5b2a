import type { Problem } from '../../controller/base/index.ts';
import type { Service, ServiceBundle } from '../../controller/objects/index.ts';
import { algorithmOf } from '../../proxy/balancer/index.ts';
import { poolEndpoints, poolProtocol } from './pool.ts';
import { protectionAnnotation, protectionOf } from './pool-protection.ts';
import { listPorts, type PortRef, portText, resolvePort } from './service-port.ts';
import { type PoolVariant, variantSuffix } from './pool-variant.ts';
import type { Pool, PoolEndpoint } from './table.ts';

/** One Service port that some Ingress names. */
export interface PoolRef {
  /** `Pool.key`. */
  readonly key: string;
  readonly namespace: string;
  readonly service: string;
  readonly port: PortRef;
  readonly variant: PoolVariant | undefined;
}

/** What became of a `PoolRef`. */
export type PoolState =
  | { readonly kind: 'pool'; readonly pool: Pool; readonly notice: Notice | undefined }
  | { readonly kind: 'unavailable'; readonly notice: Notice };

/** A problem still without the Ingress field that it will be reported on. */
export type Notice = Omit<Problem, 'object' | 'at'>;

/** The reference that a backend makes. */
export function poolRef(
  namespace: string,
  service: string,
  port: PortRef,
  variant?: PoolVariant,
): PoolRef {
  const key = `${namespace}/${service}:${portText(port)}${variantSuffix(variant)}`;
  return { key, namespace, service, port, variant };
}

/**
 * Endpoints and settings of one Service port, or why there are none to be had. A Service that
 * exists and has no ready endpoint is a pool, an empty one.
 */
export function poolState(ref: PoolRef, bundle: ServiceBundle | undefined): PoolState {
  if (!bundle) {
    return unavailable('NoSuchService', `Service ${ref.namespace}/${ref.service} does not exist`);
  }
  const { service } = bundle;
  if (service.spec?.type === 'ExternalName') {
    return unavailable(
      'ExternalNameBackend',
      `Service ${ref.namespace}/${ref.service} is of type ExternalName, which is not served yet`,
      'a Service without selector and an EndpointSlice that lists the addresses',
    );
  }
  const resolved = resolvePort(service, ref.port);
  if (resolved.kind === 'missing') {
    return unavailable(
      'NoSuchPort',
      `Service ${ref.namespace}/${ref.service} has no TCP port "${portText(ref.port)}"`,
      `one of its ports: ${listPorts(service)}`,
    );
  }
  const { key, namespace, variant } = ref;
  const { protection, errors } = protectionOf(service);
  const pool: Pool = {
    key,
    namespace,
    service: ref.service,
    port: portText(ref.port),
    // A wrong name is reported by the Service's own compiler.
    algorithm: variant?.algorithm ?? algorithmOf(service).algorithm,
    protocol: variant?.protocol ?? poolProtocol(resolved.port.appProtocol),
    endpoints: variant?.viaClusterIP
      ? clusterEndpoint(service, resolved.port.port)
      : poolEndpoints(bundle, resolved.port),
    protection,
  };
  return {
    kind: 'pool',
    pool,
    notice:
      resolved.kind === 'found'
        ? wrongProtection(ref, errors)
        : byTarget(ref, pool, resolved.port.port),
  };
}

/** A headless Service has no address of its own. */
function clusterEndpoint(service: Service, port: number): readonly PoolEndpoint[] {
  const address = service.spec?.clusterIP ?? '';
  return address === '' || address === 'None' ? [] : [{ address, port, weight: 1 }];
}

function unavailable(reason: string, what: string, instead?: string): PoolState {
  const message = `${what}; requests are answered 503`;
  return {
    kind: 'unavailable',
    notice: { severity: 'error', reason, message, ...(instead && { instead }) },
  };
}

function wrongProtection(
  { namespace, service }: PoolRef,
  [first]: readonly string[],
): Notice | undefined {
  if (first === undefined) return undefined;
  return {
    severity: 'warning',
    reason: 'InvalidAnnotation',
    message: `${protectionAnnotation} of Service ${namespace}/${service}: ${first}; that entry is left out`,
    instead: 'for example "consecutive-errors=5, requests-per-endpoint=100, slow-start=30s"',
  };
}

function byTarget(ref: PoolRef, pool: Pool, port: number): Notice {
  return {
    severity: 'warning',
    reason: 'TargetPortAsPort',
    message: `${pool.port} is a targetPort of Service ${ref.namespace}/${ref.service}, not a port`,
    instead: `number: ${port}`,
  };
}
