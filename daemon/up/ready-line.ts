import type { ListenAddress } from '../../controller/base/index.ts';
import { formatHostPort } from '../config/index.ts';

/**
 * The one line on standard output: for people at a terminal, else JSON
 * (`{"ready":true,"addresses":{"http":"127.0.0.1:8080",…}}`) for scripts that asked for port 0.
 */
export function readyLine(addresses: readonly ListenAddress[], isTerminal: boolean): string {
  const named = addresses.map((one) => [one.name, formatHostPort(one)] as const);
  if (!isTerminal) {
    return JSON.stringify({ ready: true, addresses: Object.fromEntries(named) });
  }
  return `portolan is ready: ${named.map(([name, text]) => `${name} ${text}`).join(', ')}`;
}
