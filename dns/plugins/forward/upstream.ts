import { isIP } from 'node:net';
import { ConfigError, type ListenAddress } from '../../../controller/base/index.ts';

/** A resolver that queries are handed to. */
export interface Upstream {
  /** IPv4 or IPv6 address; link-local ones with their zone (`fe80::1%eth0`). */
  readonly host: string;
  readonly port: number;
  /** Set: over TLS (RFC 7858), to a server whose certificate bears this name ('' its address). */
  readonly tlsServerName?: string;
  /** Set: over HTTPS (RFC 8484), at this path. */
  readonly httpsPath?: string;
}

const defaultPorts = { dns: 53, tls: 853, https: 443 } as const;

/**
 * Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`, after `dns://` or
 * `tls://` or `https://` if need be; `tls://192.0.2.1%name:853` says which name the certificate must
 * bear. Names of hosts are refused: to look one up takes the resolver that is being set up.
 * @throws ConfigError `BadUpstream`
 */
export function parseUpstream(text: string): Upstream {
  const [, scheme = 'dns', all = ''] = /^(?:(dns|tls|https):\/\/)?(.*)$/.exec(text) ?? [];
  const isSecure = scheme === 'tls' || scheme === 'https';
  const [rest, path] = scheme === 'https' ? splitAt(all, '/') : [all];
  const [address, named] = isSecure ? splitAt(rest, '%') : [rest];
  // The port stands last, behind the name if there is one.
  const [serverName = '', namedPort] = named === undefined ? [] : splitAt(named, ':');
  const place = namedPort === undefined ? address : withPort(address, namedPort);
  const defaultPort = scheme === 'tls' || scheme === 'https' ? defaultPorts[scheme] : 53;
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(place)?.groups;
  const host = isIP(place) === 0 ? (match?.v6 ?? match?.v4 ?? '') : place;
  const port = isIP(place) === 0 ? Number(match?.port ?? defaultPort) : defaultPort;
  if (isIP(host) === 0 || port < 1 || port > 65535) {
    throw new ConfigError(
      'BadUpstream',
      `upstream "${text}" is no address; write 192.0.2.1, 192.0.2.1:53, [2001:db8::1]:53, tls://192.0.2.1 or https://192.0.2.1`,
    );
  }
  if (!isSecure) return { host, port };
  const secure = { host, port, tlsServerName: serverName };
  return scheme === 'tls' ? secure : { ...secure, httpsPath: `/${path ?? 'dns-query'}` };
}

function splitAt(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function withPort(address: string, port: string): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `192.0.2.1:53`, `tls://[2001:db8::1]:853`. */
export function formatUpstream({ host, port, tlsServerName, httpsPath }: Upstream): string {
  const place = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  if (httpsPath !== undefined) return `https://${place}${httpsPath}`;
  return tlsServerName === undefined ? place : `tls://${place}`;
}

/** True when a query sent there would come back here, and go round for ever. */
export function isOwnAddress(upstream: Upstream, listening: readonly ListenAddress[]): boolean {
  return listening.some(({ host, port }) => port === upstream.port && host === upstream.host);
}
