/** The service proxy: what to forward (`compile`), whom to choose (`balancer`), how (`planes`). */
export * from './balancer/index.ts';
