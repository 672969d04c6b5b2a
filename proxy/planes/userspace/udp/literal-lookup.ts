import { isIPv6 } from 'node:net';

/**
 * "Resolves" address literals at once. `dgram` asks a resolver for literals too, and the default
 * one answers a tick later, for every datagram sent from an unconnected socket.
 */
export function literalLookup(
  address: string,
  _options: unknown,
  callback: (error: NodeJS.ErrnoException | null, address: string, family: number) => void,
): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}
