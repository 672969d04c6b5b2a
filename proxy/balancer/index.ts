/** Choosing one endpoint of several: shared by L4 and ingress. */
export * from './affinity.ts';
export * from './algorithm.ts';
export type * from './balancer.ts';
export * from './client-ip.ts';
export * from './create-balancer.ts';
export * from './target-id.ts';
