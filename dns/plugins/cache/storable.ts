import { classIN, isWithin, type Name, rcode, recordType } from '../../wire/index.ts';
import type { Query, Reply } from '../plugin.ts';
import type { CacheConfig } from './config.ts';

/** Where a reply may be kept, and for how long; undefined: it may not. */
export interface Keep {
  readonly store: 'success' | 'denial';
  readonly ttlSec: number;
}

/**
 * Judges a reply (RFC 2308, RFC 8767). Answers of our own zones are never kept: a change of them
 * must be seen at once, and they are as quick to make as to find.
 */
export function keepFor(query: Query, reply: Reply, config: CacheConfig): Keep | undefined {
  if (reply.plugin !== 'forward' || reply.truncated || query.class !== classIN) return undefined;
  const keep = judge(query, reply, config);
  if (!keep || keep.ttlSec <= 0) return undefined;
  const off = config.disabled[keep.store].some((zone: Name) => isWithin(query.lower, zone));
  return off ? undefined : keep;
}

function judge(query: Query, reply: Reply, config: CacheConfig): Keep | undefined {
  const { success, denial, servfailSec } = config;
  switch (reply.rcode) {
    case rcode.SERVFAIL:
    case rcode.NOTIMP:
      return { store: 'denial', ttlSec: servfailSec };
    case rcode.NXDOMAIN: {
      const ttlSec = denialTtlSec(reply);
      return ttlSec === undefined ? undefined : { store: 'denial', ttlSec: clamp(ttlSec, denial) };
    }
    case rcode.NOERROR: {
      if (reachesType(query, reply)) {
        return { store: 'success', ttlSec: clamp(leastTtlSec(reply), success) };
      }
      // Without a SOA a chain that stops short may only be cut off, and is not believed twice.
      const ttlSec = denialTtlSec(reply);
      return ttlSec === undefined ? undefined : { store: 'denial', ttlSec: clamp(ttlSec, denial) };
    }
    default:
      return undefined;
  }
}

function clamp(ttlSec: number, limits: { minTtlSec: number; maxTtlSec: number }): number {
  return Math.min(Math.max(ttlSec, limits.minTtlSec), limits.maxTtlSec);
}

function reachesType({ type }: Query, { answers, authorities }: Reply): boolean {
  if (type === recordType.ANY) return answers.length > 0;

  for (const record of answers) {
    if (record.type === type) return true;
  }
  // A referral has neither answer nor SOA, and helps whoever asks without recursion.
  return (
    answers.length === 0 &&
    authorities.some((record) => record.type === recordType.NS) &&
    !authorities.some((record) => record.type === recordType.SOA)
  );
}

/** RFC 2308 §5: the lesser of the SOA's TTL and its minimum. */
function denialTtlSec({ authorities }: Reply): number | undefined {
  for (const { data, ttlSec } of authorities) {
    if (data.kind === 'SOA') return Math.min(ttlSec, data.minimumSec);
  }
  return undefined;
}

function leastTtlSec({ answers, authorities, additionals }: Reply): number {
  let least = Number.POSITIVE_INFINITY;
  for (const section of [answers, authorities, additionals]) {
    for (const { ttlSec } of section) if (ttlSec < least) least = ttlSec;
  }
  return least;
}
