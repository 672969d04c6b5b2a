/** A host and an optional port (RFC 3986 reg-name without sub-delims, or an IPv6 literal). */
const validHost = /^(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{0,5}))?$/;

/** Whether a Host field or an authority names one host, and a port that there can be. */
export function isHost(host: string): boolean {
  const parts = validHost.exec(host);
  return parts !== null && Number(parts[1] ?? 0) <= 65_535;
}

/** Equal but for case and a default port. */
export function isSameHost(a: string, b: string): boolean {
  return a === b || withoutDefaultPort(a) === withoutDefaultPort(b);
}

function withoutDefaultPort(host: string): string {
  return host.toLowerCase().replace(/:(?:80|443)?$/, '');
}
