import { type Name, type RecordData, type ResourceRecord, sameName } from '../../wire/index.ts';
import type { Reply } from '../plugin.ts';
import type { RewriteName } from './name-rule.ts';

/** Changes every record of a reply. */
export function mapRecords(
  reply: Reply,
  change: (record: ResourceRecord) => ResourceRecord,
): Reply {
  return {
    ...reply,
    answers: reply.answers.map(change),
    authorities: reply.authorities.map(change),
    additionals: reply.additionals.map(change),
    reuse: undefined,
  };
}

/** Owners that are the name asked for inside get back the name that the client asked for. */
export function restoreOwner(reply: Reply, asked: Name, original: Name): Reply {
  return mapRecords(reply, (record) =>
    sameName(record.name, asked) ? { ...record, name: original } : record,
  );
}

/** Applies a rule to owners. */
export function rewriteOwners(reply: Reply, rule: RewriteName): Reply {
  return mapRecords(reply, (record) => ({ ...record, name: rule(record.name) ?? record.name }));
}

/** Applies a rule to names within records. */
export function rewriteValues(reply: Reply, rule: RewriteName): Reply {
  const change = (name: Name): Name => rule(name) ?? name;
  return mapRecords(reply, (record) => ({ ...record, data: mapNames(record.data, change) }));
}

function mapNames(data: RecordData, change: (name: Name) => Name): RecordData {
  switch (data.kind) {
    case 'Target':
    case 'SRV':
      return { ...data, target: change(data.target) };
    case 'MX':
      return { ...data, exchange: change(data.exchange) };
    case 'SOA':
      return { ...data, mname: change(data.mname), rname: change(data.rname) };
    case 'Address':
    case 'Strings':
    case 'Opaque':
      return data;
  }
}
