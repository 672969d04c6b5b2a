/** The Kubernetes objects that Portolan knows, as typed values, and what is derived from one alone. */
export * from './address-pool.ts';
export * from './config.ts';
export * from './endpoint-health.ts';
export * from './endpoint-slice.ts';
export * from './endpoints.ts';
export * from './ingress.ts';
export * from './kinds.ts';
export * from './label-selector.ts';
export * from './meta.ts';
export * from './service-bundle.ts';
export * from './service.ts';
export * from './virtual-ip.ts';
export * from './workloads.ts';
export * from './judged-endpoints.ts';
export * from './weights.ts';
