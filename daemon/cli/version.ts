import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import type { Printer } from './printer.ts';

/**
 * The version of this Portolan, as its package.json has it. The nearest one is looked for, since
 * it is not equally far from here and from what is built of here.
 */
export const portolanVersion: string = readVersion(findPackageJSON(import.meta.url));

/** `portolan version`. */
export function printVersion(output: 'text' | 'json', printer: Printer): void {
  const version = { portolan: portolanVersion, node: process.version };
  if (output === 'json') printer.out(`${JSON.stringify(version)}\n`);
  else printer.out(`portolan ${version.portolan} (node ${version.node})\n`);
}

function readVersion(file: string | undefined): string {
  if (file === undefined) return 'unknown';
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const isVersioned = typeof content === 'object' && content !== null && 'version' in content;
  return isVersioned ? String(content.version) : 'unknown';
}
