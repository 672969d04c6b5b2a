/** Where objects live and how to watch them. */
export * from './json-equal.ts';
export * from './local-view.ts';
export * from './memory-store.ts';
export * from './object-store.ts';
export * from './refused-allocations.ts';
export { hasClusterIP, wantsHealthCheckNodePort, wantsNodePorts } from './service-strategy.ts';
export { copyStore, storeFileName } from './sqlite/copy.ts';
export { createDurableStore, type DurableStore } from './sqlite/durable-store.ts';
export * from './store-error.ts';
export type * from './store.ts';
export { defaultedClassAnnotation } from './strategies.ts';
