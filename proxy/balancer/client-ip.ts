/** How an IPv4 client looks to a socket that listens on `::` (RFC 4291 §2.5.5.2). */
const mappedPrefix = '::ffff:';

/** Where in `clientIP` the address itself begins: behind the prefix of a mapped IPv4 address. */
export function clientIPStart(clientIP: string): number {
  return clientIP.startsWith(mappedPrefix) && clientIP.includes('.') ? mappedPrefix.length : 0;
}

/** One text for one client, whichever kind of socket saw it: `::ffff:10.0.0.1` is `10.0.0.1`. */
export function canonicalClientIP(clientIP: string): string {
  const start = clientIPStart(clientIP);
  return start === 0 ? clientIP : clientIP.slice(start);
}
