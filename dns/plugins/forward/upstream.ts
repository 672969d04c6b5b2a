import { isIP } from 'node:net';
import { ConfigError, type ListenAddress } from '../../../controller/base/index.ts';

/** A resolver that queries are handed to. */
export interface Upstream {
  /** IPv4 or IPv6 address; link-local ones with their zone (`fe80::1%eth0`). */
  readonly host: string;
  readonly port: number;
  /** Set: over TLS (RFC 7858), to a server whose certificate bears this name ('' its address). */
  readonly tlsServerName?: string;
}

/**
 * Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`, after `dns://` or
 * `tls://` if need be; `tls://192.0.2.1%name` says which name the certificate must bear. Names of
 * hosts are refused: to look one up takes the resolver that is being set up.
 * @throws ConfigError `BadUpstream`
 */
export function parseUpstream(text: string): Upstream {
  const [, scheme = 'dns', rest = ''] = /^(?:(dns|tls):\/\/)?(.*)$/.exec(text) ?? [];
  const defaultPort = scheme === 'tls' ? 853 : 53;
  const [place = '', serverName = ''] = scheme === 'tls' ? rest.split('%') : [rest];
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(place)?.groups;
  const host = isIP(place) === 0 ? (match?.v6 ?? match?.v4 ?? '') : place;
  const port = isIP(place) === 0 ? Number(match?.port ?? defaultPort) : defaultPort;
  if (isIP(host) === 0 || port < 1 || port > 65535) {
    throw new ConfigError(
      'BadUpstream',
      `upstream "${text}" is no address; write 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53 or tls://192.0.2.1`,
    );
  }
  return scheme === 'tls' ? { host, port, tlsServerName: serverName } : { host, port };
}

/** `192.0.2.1:53`, `tls://[2001:db8::1]:853`. */
export function formatUpstream({ host, port, tlsServerName }: Upstream): string {
  const place = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  return tlsServerName === undefined ? place : `tls://${place}`;
}

/** True when a query sent there would come back here, and go round for ever. */
export function isOwnAddress(upstream: Upstream, listening: readonly ListenAddress[]): boolean {
  return listening.some(({ host, port }) => port === upstream.port && host === upstream.host);
}
