import type { Name } from '../wire/index.ts';
import { parsePrefix, reverseZonesOf } from './cidr.ts';
import { nameOf } from './directive.ts';
import { corefileError, type Token } from './token.ts';

/** How queries reach a server block. */
export type Scheme = 'dns' | 'tls' | 'https';

/** One zone that a server block serves, and where. */
export interface ServerKey {
  readonly scheme: Scheme;
  /** Lower case. */
  readonly zone: Name;
  readonly port: number;
  readonly token: Token;
}

/** RFC 1035, 7858, 8484. */
export const defaultPorts: Readonly<Record<Scheme, number>> = { dns: 53, tls: 853, https: 443 };

const notServed: ReadonlySet<string> = new Set(['grpc', 'quic', 'https3']);

/** Reads `[SCHEME://]ZONE[:PORT]`; a CIDR is as many reverse zones as it takes. @throws ConfigError */
export function parseServerKey(token: Token): readonly ServerKey[] {
  const [, schemeText = 'dns', rest = ''] = /^(?:([a-z0-9]+):\/\/)?(.*)$/.exec(token.text) ?? [];
  const scheme = schemeOf(schemeText, token);
  const [, host = rest, portText] = /^(.*?)(?::(\d*))?$/.exec(splitsAsIPv6(rest) ? '' : rest) ?? [];
  const zoneText = splitsAsIPv6(rest) ? rest : host;
  const port = portText === undefined ? defaultPorts[scheme] : Number(portText);
  if (port < 1 || port > 65535)
    throw corefileError(`port ${portText} is not from 1 to 65535`, token.at);
  return zonesOf(zoneText, token).map((zone) => ({ scheme, zone, port, token }));
}

/** `2001:db8::/32` ends in digits after a colon too. */
function splitsAsIPv6(text: string): boolean {
  return parsePrefix(text) !== undefined && text.includes(':');
}

function schemeOf(text: string, token: Token): Scheme {
  if (text === 'dns' || text === 'tls' || text === 'https') return text;
  const why = notServed.has(text) ? 'is not served by this version' : 'is no scheme';
  throw corefileError(`${text}:// ${why}: write dns://, tls:// or https://`, token.at);
}

function zonesOf(text: string, token: Token): readonly Name[] {
  if (text === '') throw corefileError('the zone is missing: write . for all names', token.at);
  const prefix = text.includes('/') ? parsePrefix(text) : undefined;
  if (prefix) return reverseZonesOf(prefix);
  if (text.includes('/')) throw corefileError(`"${text}" is neither a zone nor a CIDR`, token.at);
  return [nameOf({ ...token, text })];
}
