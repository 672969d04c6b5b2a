import packageJson from '../../package.json' with { type: 'json' };
import type { Printer } from './printer.ts';

/** The version of this Portolan, as package.json has it. */
export const portolanVersion: string = packageJson.version;

/** `portolan version`. */
export function printVersion(output: 'text' | 'json', printer: Printer): void {
  const version = { portolan: portolanVersion, node: process.version };
  if (output === 'json') printer.out(`${JSON.stringify(version)}\n`);
  else printer.out(`portolan ${version.portolan} (node ${version.node})\n`);
}
