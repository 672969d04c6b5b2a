import { networkInterfaces } from 'node:os';
import type { Clock } from '../../../controller/base/index.ts';
import type { NodeAddresses } from './source-policy.ts';

/** How old the list may be. Reading it costs a netlink dump, too much for each connection. */
const freshForMs = 5000;

/** The addresses of this machine's interfaces, re-read when they are asked for and stale. */
export function interfaceAddresses(clock: Clock): NodeAddresses {
  let addresses: ReadonlySet<string> = new Set();
  let readAtMs = -Infinity;
  const current = (): ReadonlySet<string> => {
    if (clock.nowMs() - readAtMs >= freshForMs) {
      readAtMs = clock.nowMs();
      const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
      addresses = new Set(all.map(({ address }) => address));
    }
    return addresses;
  };
  return {
    has: (address) => isLoopback(address) || current().has(address.split('%', 1)[0] ?? ''),
    some: (test) => [...current()].some((address) => !isLoopback(address) && test(address)),
  };
}

/** RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3. */
function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
