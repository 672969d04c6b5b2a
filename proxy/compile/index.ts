/** From Services to what a node forwards: pure, incremental, one Service at a time. */
export * from './address.ts';
export * from './cidr.ts';
export * from './compile-service.ts';
export * from './node-facts.ts';
export * from './service-compiler.ts';
export type * from './table.ts';
