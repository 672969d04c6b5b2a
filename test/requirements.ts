import { spawnSync } from 'node:child_process';

/**
 * The reason to skip a test, for `test(name, { skip }, …)`: what it needs and this machine lacks.
 * In CI nothing is skipped: what is missing there fails.
 */
export function skipWithout(...needs: readonly (string | undefined)[]): string | false {
  const missing = needs.filter((need) => need !== undefined);
  if (missing.length === 0) return false;
  if (process.env['CI']) throw new Error(`needed in CI: ${missing.join(', ')}`);
  return `needs ${missing.join(', ')}`;
}

/** Undefined if the program is there; else how to get it. */
export function program(name: string, debianPackage: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
  return found ? undefined : `${name} (Debian: ${debianPackage})`;
}

/** Undefined if network namespaces can be made. */
export function root(): string | undefined {
  return process.getuid?.() === 0 ? undefined : 'root';
}
