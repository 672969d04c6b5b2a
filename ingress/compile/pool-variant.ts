import type { Algorithm } from '../../proxy/balancer/index.ts';
import type { IngressAnnotations } from '../annotations/index.ts';
import type { Pool } from './table.ts';

/**
 * Where an Ingress wants the endpoints of a Service treated otherwise than the Service says. Pools
 * that are treated differently are different pools.
 */
export interface PoolVariant {
  readonly algorithm: Algorithm | undefined;
  readonly protocol: Pool['protocol'] | undefined;
  /** Requests go to the ClusterIP, and the service proxy chooses. */
  readonly viaClusterIP: boolean;
}

/** `backend-protocol`, `load-balance` and `service-upstream`; undefined: as the Service says. */
export function poolVariant(annotations: IngressAnnotations): PoolVariant | undefined {
  if (annotations.isEmpty) return undefined;
  const algorithm = algorithmNamed(annotations.get('load-balance'));
  const protocol = protocolNamed(annotations.get('backend-protocol'));
  const viaClusterIP = annotations.get('service-upstream') === true;
  if (algorithm === undefined && protocol === undefined && !viaClusterIP) return undefined;
  return { algorithm, protocol, viaClusterIP };
}

/** What tells the pools of one Service port apart, as a part of their keys. */
export function variantSuffix(variant: PoolVariant | undefined): string {
  if (!variant) return '';
  const { algorithm, protocol, viaClusterIP } = variant;
  const parts = [algorithm, protocol, viaClusterIP ? 'clusterip' : undefined];
  return `;${parts.filter((one) => one !== undefined).join(',')}`;
}

function algorithmNamed(text: string | undefined): Algorithm | undefined {
  switch (text) {
    case 'ewma':
      return 'p2c';
    case 'least_conn':
      return 'least-conn';
    case 'ip_hash':
      return 'ip_hash';
    case 'random':
      return 'random';
    // Turns are what there is anyway, with weights; chash is asked for by upstream-hash-by.
    case undefined:
    default:
      return undefined;
  }
}

function protocolNamed(text: string | undefined): Pool['protocol'] | undefined {
  switch (text) {
    case 'HTTPS':
      return 'https';
    case 'GRPCS':
      return 'h2';
    case 'GRPC':
      return 'h2c';
    case undefined:
    default:
      return undefined;
  }
}
