import { isIP } from 'node:net';
import { ConfigError } from '../../../controller/base/index.ts';

/** A resolver that queries are handed to. */
export interface Upstream {
  /** IPv4 or IPv6 address; link-local ones with their zone (`fe80::1%eth0`). */
  readonly host: string;
  readonly port: number;
}

const dnsPort = 53;

/**
 * Reads `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. Names are refused:
 * to look one up takes the resolver that is being set up. @throws ConfigError `BadUpstream`
 */
export function parseUpstream(text: string): Upstream {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[^:]+))(?::(?<port>\d{1,5}))?$/.exec(text)?.groups;
  const host = isIP(text) === 0 ? (match?.v6 ?? match?.v4 ?? '') : text;
  const port = isIP(text) === 0 ? Number(match?.port ?? dnsPort) : dnsPort;
  if (isIP(host) === 0 || port < 1 || port > 65535) {
    throw new ConfigError(
      'BadUpstream',
      `upstream "${text}" is no address; write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53`,
    );
  }
  return { host, port };
}

/** `192.0.2.1:53`, `[2001:db8::1]:53`. */
export function formatUpstream({ host, port }: Upstream): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
