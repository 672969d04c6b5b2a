import type { KubeObject } from './meta.ts';

/**
 * What active checks found about the endpoints of one Service; named as the Service is. Written by
 * the health engine, read by every compiler: so that one change of health is one store event, and
 * L4, DNS and L7 follow it together.
 */
export interface EndpointHealth extends KubeObject {
  readonly apiVersion: 'portolan.dev/v1alpha1';
  readonly kind: 'EndpointHealth';
  readonly status: { readonly endpoints: readonly EndpointHealthStatus[] };
}

export interface EndpointHealthStatus {
  readonly address: string;
  /** The first port of the slice that lists the endpoint: with `address` it names the endpoint. */
  readonly port: number;
  readonly healthy: boolean;
  /** Why it is unhealthy: `connection refused`, `status 503` … */
  readonly message?: string;
  readonly lastTransitionTime: string;
}
