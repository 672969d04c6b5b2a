import { decodeMessage } from '../wire/index.ts';

/** The least TTL of a message's records, 0 when it has none: how long HTTP may keep it. */
export function leastTtlSec(octets: Buffer): number {
  const { answers, authorities, additionals } = decodeMessage(octets);
  const ttls = [...answers, ...authorities, ...additionals].map(({ ttlSec }) => ttlSec);
  return ttls.length === 0 ? 0 : Math.min(...ttls);
}
