import { choiceOf, expectArgs, oneArg, readOptions } from '../../corefile/index.ts';
import {
  classIN,
  isWithin,
  type Name,
  type RecordData,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import { closestZone, plainPlugin, type PluginKind, pluginKind } from '../kind.ts';
import type { Query, Reply } from '../plugin.ts';
import { replyWith } from '../reply.ts';

/** A week: these never change. */
const ttlSec = 604_800;

const localhost: Name = ['localhost'];
const reverseZones: readonly Name[] = ['0', '127', '255'].map((label) => [
  label,
  'in-addr',
  'arpa',
]);
const loopback4 = Buffer.from([127, 0, 0, 1]);
const loopback6 = Buffer.from([...Array.from({ length: 15 }, () => 0), 1]);

/** Answers `localhost` and the reverse names of loopback here, so that they never leave (RFC 6761). */
export const local: PluginKind = pluginKind({
  name: 'local',
  options: ['localhost_prefix'],
  parse: (line) => {
    expectArgs(line, 0, 0, 'local');
    let prefix = true;
    readOptions(line, {
      localhost_prefix: (one) => {
        prefix = choiceOf(oneArg(one, 'localhost_prefix on|off'), ['on', 'off']) === 'on';
      },
    });
    return prefix;
  },
  create: (prefix, context) => {
    const counted = context.meter
      .counter({
        name: 'coredns_local_localhost_requests_total',
        help: 'Queries for names like localhost.example.org.',
      })
      .bind();
    return plainPlugin('local', (query, next) => {
      if (query.class !== classIN) return next(query);
      if (isWithin(query.lower, localhost)) return loopback(query, localhost);
      const reverse = closestZone(reverseZones, query.lower);
      if (reverse) return ofReverse(query, reverse);
      // Search paths make `localhost.cluster.local` of `localhost`.
      if (prefix && query.lower[0] === 'localhost' && query.lower.length > 1) {
        counted.inc();
        return loopback(query, query.name);
      }
      return next(query);
    });
  },
});

function record(name: Name, type: number, data: RecordData): ResourceRecord {
  return { name, type, class: classIN, ttlSec, data };
}

function soa(name: Name): ResourceRecord {
  return record(name, recordType.SOA, {
    kind: 'SOA',
    mname: localhost,
    rname: ['root', 'localhost'],
    serial: 1,
    refreshSec: 0,
    retrySec: 0,
    expireSec: 0,
    minimumSec: ttlSec,
  });
}

function positive(answers: readonly ResourceRecord[]): Reply {
  return replyWith('local', { authoritative: true, answers });
}

function nodata(zone: Name): Reply {
  return replyWith('local', { authoritative: true, authorities: [soa(zone)] });
}

function loopback(query: Query, zone: Name): Reply {
  switch (query.type) {
    case recordType.A:
      return positive([record(query.name, query.type, { kind: 'Address', octets: loopback4 })]);
    case recordType.AAAA:
      return positive([record(query.name, query.type, { kind: 'Address', octets: loopback6 })]);
    case recordType.NS:
      return positive([record(query.name, query.type, { kind: 'Target', target: localhost })]);
    default:
      return nodata(zone);
  }
}

function ofReverse(query: Query, zone: Name): Reply {
  if (query.lower.length === zone.length) {
    if (query.type === recordType.SOA) return positive([soa(query.name)]);
    if (query.type !== recordType.NS) return nodata(zone);
    return positive([record(query.name, query.type, { kind: 'Target', target: localhost })]);
  }
  const isLoopback = query.lower.join('.') === '1.0.0.127.in-addr.arpa';
  if (!isLoopback || query.type !== recordType.PTR) return nodata(zone);
  return positive([record(query.name, query.type, { kind: 'Target', target: localhost })]);
}
