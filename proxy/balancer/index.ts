/** Choosing one endpoint of several: shared by L4 and ingress. */
export type * from './balancer.ts';
