import type { ServiceRecords } from '../../compile/index.ts';
import {
  canonicalAddress,
  lowerName,
  type Name,
  nameKey,
  parseName,
  recordType,
} from '../../wire/index.ts';
import { type Eventually, maxDepth, type Query, type Reply } from '../plugin.ts';
import type { ZoneWriter } from './zone.ts';

/** The name that an ExternalName Service leads to; undefined for an address or nonsense. */
export function externalTarget({ target }: ServiceRecords): Name | undefined {
  if (target.kind !== 'ExternalName' || target.externalName === '') return undefined;
  if (canonicalAddress(target.externalName) !== undefined) return undefined;
  return parseName(target.externalName);
}

/** How the target of a CNAME is looked up. */
export interface Follow {
  /** The target's answer inside the zone, or the target again if that is a CNAME too. */
  inside(query: Query): Reply | { readonly cname: Name } | undefined;
  /** Through the whole chain of plugins. */
  outside(query: Query): Eventually<Reply>;
}

/**
 * The CNAME and what it leads to (RFC 1034 §4.3.2). Inside the zone a target that does not exist,
 * a loop, or more than 10 CNAMEs make it NODATA; outside, the reply takes the rcode of its last
 * name (RFC 6604 §3).
 */
export function followCname(
  zone: ZoneWriter,
  query: Query,
  target: Name,
  follow: Follow,
): Eventually<Reply> {
  const cnames = [];
  const seen = new Set([nameKey(query.name)]);
  let owner = query.name;
  let next = target;
  while (cnames.length < maxDepth && !seen.has(nameKey(next))) {
    seen.add(nameKey(next));
    cnames.push(zone.record(owner, recordType.CNAME, { kind: 'Target', target: next }));
    const asked: Query = { ...query, name: next, lower: lowerName(next), depth: query.depth + 1 };
    const found = follow.inside(asked);
    if (found === undefined) return prefixed(cnames, follow.outside(asked));
    if (!('cname' in found)) {
      return found.rcode === 0 ? prepend(cnames, found) : zone.denial(0);
    }
    owner = next;
    next = found.cname;
  }
  return zone.denial(0);
}

function prefixed(cnames: Reply['answers'], reply: Eventually<Reply>): Eventually<Reply> {
  return reply instanceof Promise
    ? reply.then((later) => prepend(cnames, later))
    : prepend(cnames, reply);
}

function prepend(cnames: Reply['answers'], reply: Reply): Reply {
  return {
    ...reply,
    plugin: 'kubernetes',
    authoritative: true,
    // Our own record is not signed, so the whole is not authentic.
    authenticData: false,
    answers: [...cnames, ...reply.answers],
  };
}
