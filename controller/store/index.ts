/** Where objects live and how to watch them. */
export * from './store-error.ts';
export type * from './store.ts';
