/** What the kernel planes share: options, decisions, slots, the door to the machine's programs. */
export * from './options.ts';
export * from './run-command.ts';
export * from './slots.ts';
export * from './verdict.ts';
export * from './difference.ts';
export * from './node-port-addresses.ts';
export * from './sync-metrics.ts';
export * from './kernel-plane.ts';
export * from './programmer.ts';
export * from './health-check-ports.ts';
export type * from './sync-observer.ts';
export * from './source-filter.ts';
