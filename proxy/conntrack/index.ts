/** Flows that the kernel tracks: clean-up after endpoint changes, and the sysctls. */
export { FlowCleaner, type FlowCleanerOptions } from './flow-cleaner.ts';
export * from './sysctls.ts';
