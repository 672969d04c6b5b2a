import type { KubeObject, Protocol } from './meta.ts';

/** discovery.k8s.io/v1 EndpointSlice. Fields sit at the top level: it has no spec. */
export interface EndpointSlice extends KubeObject {
  readonly apiVersion: 'discovery.k8s.io/v1';
  readonly kind: 'EndpointSlice';
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints: readonly SliceEndpoint[];
  readonly ports?: readonly SlicePort[];
}

export interface SliceEndpoint {
  /** Consumers use only the first (KEP-752). */
  readonly addresses: readonly string[];
  readonly conditions?: EndpointConditions;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly zone?: string;
  readonly targetRef?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[];
    readonly forNodes?: readonly { readonly name: string }[];
  };
}

/** Absent means: ready true, serving true, terminating false. */
export interface EndpointConditions {
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
}

export interface SlicePort {
  /** Joins the Service port of the same name and protocol. */
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: Protocol;
  readonly appProtocol?: string;
}

/** Label that ties a slice to its Service, in the slice's namespace. */
export const serviceNameLabel = 'kubernetes.io/service-name';
/** Label that says which controller writes the slice. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';
