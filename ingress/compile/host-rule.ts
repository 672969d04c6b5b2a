import { isIP } from 'node:net';

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const hostName = new RegExp(`^${label}(?:\\.${label})*$`);

/**
 * What is wrong with `rules[].host`, as a clause; undefined when it may be served: absent, an
 * RFC 1123 name, or `*.` and such a name.
 */
export function hostError(host: string): string | undefined {
  if (host === '') return undefined;
  const name = host.startsWith('*.') ? host.slice(2) : host;
  if (name.includes('*')) return 'may have "*" only as its whole first label';
  if (isIP(name) !== 0 || host.startsWith('[')) return 'must be a DNS name, not an IP address';
  if (name.includes(':')) return 'must not contain a port';
  if (name !== name.toLowerCase()) return 'must be lower case';
  if (name.length > 253 || !hostName.test(name)) return 'must be a DNS name (RFC 1123)';
  return undefined;
}
