import {
  classIN,
  lowerName,
  type Name,
  nameKey,
  nameOctets,
  maxNameOctets,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import type { Eventually, Query, Reply } from '../plugin.ts';
import { mapReply } from '../reply-later.ts';
import { replyWith } from '../reply.ts';
import type { RecordSets, Zone } from './zone.ts';

/** CNAMEs followed within a zone for one question. */
const maxCnames = 8;

/** Looks up a name that leads out of the zone. */
export type Resolve = (query: Query) => Eventually<Reply>;

/** The answer of a zone (RFC 1034 §4.3.2). */
export function answerFrom(zone: Zone, query: Query, resolve: Resolve): Eventually<Reply> {
  const chain: ResourceRecord[] = [];
  const seen = new Set<string>();
  let name = query.name;
  for (let hops = 0; hops <= maxCnames && !seen.has(nameKey(name)); hops += 1) {
    seen.add(nameKey(name));
    const lower = lowerName(name);
    if (!zone.holds(lower)) return prepended(chain, resolve(asking(query, name)));
    const found = zone.find(lower, query.type);
    switch (found.kind) {
      case 'absent':
        return denial(zone, chain, rcode.NXDOMAIN);
      case 'empty':
        return denial(zone, chain, rcode.NOERROR);
      case 'delegation':
        return referral(zone, chain, found.sets, query.edns?.dnssecOk ?? false);
      case 'dname': {
        const target = dnameTarget(lower, found.owner, found.record);
        if (!target) return answered(zone, [...chain, found.record], rcode.SERVFAIL);
        chain.push(found.record, cname(name, target, found.record.ttlSec));
        // The CNAME that was asked for is this one (RFC 6672 §3.2).
        if (query.type === recordType.CNAME) return answered(zone, chain, rcode.NOERROR);
        name = target;
        continue;
      }
      case 'node': {
        const own = (found.sets.get(query.type) ?? []).map((record) => ({ ...record, name }));
        if (own.length > 0) return answered(zone, [...chain, ...own], rcode.NOERROR);
        const alias = found.sets.get(recordType.CNAME)?.[0];
        if (alias?.data.kind !== 'Target') return denial(zone, chain, rcode.NOERROR);
        chain.push({ ...alias, name });
        name = alias.data.target;
      }
    }
  }
  // A loop, or a chain without end: what was found, and that it leads nowhere.
  return answered(zone, chain, rcode.SERVFAIL);
}

function asking(query: Query, name: Name): Query {
  return { ...query, name, lower: lowerName(name), depth: query.depth + 1 };
}

function prepended(chain: readonly ResourceRecord[], reply: Eventually<Reply>): Eventually<Reply> {
  return mapReply(reply, (found) => ({
    ...found,
    plugin: 'file',
    authoritative: true,
    authenticData: false,
    answers: [...chain, ...found.answers],
    reuse: undefined,
  }));
}

function answered(zone: Zone, answers: readonly ResourceRecord[], code: number): Reply {
  return replyWith('file', {
    rcode: code,
    authoritative: true,
    answers,
    authorities: code === rcode.NOERROR ? zone.nameServers : [],
    additionals: addressesOf(zone, answers),
  });
}

function denial(zone: Zone, answers: readonly ResourceRecord[], code: number): Reply {
  const { soa } = zone;
  const minimumSec = soa.data.kind === 'SOA' ? soa.data.minimumSec : soa.ttlSec;
  const authorities = [{ ...soa, ttlSec: Math.min(soa.ttlSec, minimumSec) }];
  return replyWith('file', { rcode: code, authoritative: true, answers, authorities });
}

/**
 * The child's servers, with their addresses; not ours to vouch for. Who validates gets the DS along
 * (RFC 4035 §3.1.4).
 */
function referral(
  zone: Zone,
  answers: readonly ResourceRecord[],
  sets: RecordSets,
  dnssecOk: boolean,
): Reply {
  const servers = sets.get(recordType.NS) ?? [];
  const ds = dnssecOk ? (sets.get(recordType.DS) ?? []) : [];
  return replyWith('file', {
    authoritative: answers.length > 0,
    answers,
    authorities: [...servers, ...ds],
    additionals: addressesOf(zone, servers),
  });
}

/** Addresses in the zone of what the records name, once each. */
function addressesOf(zone: Zone, records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const names = new Map<string, Name>();
  for (const { type, data } of records) {
    if (data.kind === 'SRV') names.set(nameKey(data.target), data.target);
    else if (data.kind === 'MX') names.set(nameKey(data.exchange), data.exchange);
    else if (data.kind === 'Target' && type === recordType.NS)
      names.set(nameKey(data.target), data.target);
  }
  return [...names.values()].flatMap((name) => {
    const sets = zone.holds(name) ? zone.at(name) : undefined;
    return [...(sets?.get(recordType.A) ?? []), ...(sets?.get(recordType.AAAA) ?? [])];
  });
}

function cname(name: Name, target: Name, ttlSec: number): ResourceRecord {
  return { name, type: recordType.CNAME, class: classIN, ttlSec, data: { kind: 'Target', target } };
}

/** RFC 6672 §2.2; undefined: the name would become too long. */
function dnameTarget(lower: Name, owner: Name, { data }: ResourceRecord): Name | undefined {
  if (data.kind !== 'Target') return undefined;
  const target = [...lower.slice(0, lower.length - owner.length), ...data.target];
  return nameOctets(target) <= maxNameOctets ? target : undefined;
}
