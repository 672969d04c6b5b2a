/** Services with everything that belongs to them, kept up to date from the store. */
export * from './bundle-index.ts';
