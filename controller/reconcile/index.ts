/** Objects derived from objects: slices from Pods, addresses for Services, status, defaults. */
export { createFileLedger } from './allocation/file-ledger.ts';
export { type AllocationLedger, MemoryLedger } from './allocation/ledger.ts';
export * from './start.ts';
export * from './start-in-cluster.ts';
