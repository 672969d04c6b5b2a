/** The commands that end by themselves: check, get, describe, version, help. */
export type { CheckInput, CheckTools } from './check.ts';
export type { KernelTools } from './kernel.ts';
export { checkConfigurationFiles } from './configuration-files.ts';
export { createProcessPrinter, type Printer, safeText } from './printer.ts';
export { runShortCommand } from './run.ts';
export { portolanVersion } from './version.ts';
