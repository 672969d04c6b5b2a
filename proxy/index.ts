/** The service proxy: what to forward (`compile`), whom to choose (`balancer`), how (`planes`). */
export * from './balancer/index.ts';
export * from './compile/index.ts';
export * from './planes/any-ip.ts';
export * from './planes/userspace/index.ts';
