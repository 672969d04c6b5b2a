import {
  formatAddress,
  type Name,
  rcode,
  recordType,
  type ResourceRecord,
} from '../../wire/index.ts';
import type { Query, Reply } from '../plugin.ts';
import { type AddressSet, addressSet } from './address-set.ts';
import type { ClusterView } from './cluster-view.ts';
import type { PodsMode } from './config.ts';
import { type Place, portMatches } from './locate.ts';
import { nameServers, nameServersReply } from './name-servers.ts';
import { endpointsSrv, endpointSrv, serviceSrv } from './srv.ts';
import { endpointsOf } from './zone-index.ts';
import type { ZoneWriter } from './zone.ts';

/** Version of the DNS-Based Service Discovery schema that CoreDNS reports too. */
const schemaVersion = '1.1.0';
const versionTtlSec = 28800;

/** What answers depend on besides place and type. */
export interface AnswerContext {
  readonly zone: ZoneWriter;
  readonly view: ClusterView;
  readonly podsMode: PodsMode;
  readonly ownAddresses: () => readonly string[];
}

/** The answer at a place that is no ExternalName Service. */
export function answerPlace(query: Query, place: Place, context: AnswerContext): Reply {
  const { zone, view } = context;
  switch (place.kind) {
    case 'absent':
      return zone.denial(rcode.NXDOMAIN);
    case 'empty-non-terminal':
      return zone.denial(rcode.NOERROR);
    case 'apex':
      return answerApex(query, zone, () => nameServers(zone.apex, view, context.ownAddresses()));
    case 'name-server': {
      const servers = nameServers(zone.apex, view, context.ownAddresses());
      return addressReply(query, zone, mergeAddresses(servers.map(({ addresses }) => addresses)));
    }
    case 'dns-version':
      return zone.reply(query.type === recordType.TXT ? [versionRecord(zone, query.name)] : []);
    case 'service':
      return query.type === recordType.SRV
        ? serviceSrv(zone, view, query.name, place.records, undefined)
        : addressReply(query, zone, view.prepare(place.records).addresses);
    case 'port':
      return query.type === recordType.SRV
        ? serviceSrv(zone, view, query.name, place.records, place.labels)
        : addressReply(query, zone, portAddresses(view, place));
    case 'endpoint':
      return query.type === recordType.SRV
        ? endpointSrv(zone, query.name, place.records, place.name, place.group)
        : addressReply(query, zone, place.group.addresses);
    case 'zonal':
      return query.type === recordType.SRV
        ? endpointsSrv(zone, view, query.name, place.records, place.endpoints)
        : addressReply(query, zone, addressSet(place.endpoints.map(({ address }) => address)));
    case 'pod':
      return answerPod(query, place, context);
  }
}

/** The top of any zone: SOA and NS. */
export function answerApex(
  query: Query,
  zone: ZoneWriter,
  servers: () => ReturnType<typeof nameServers>,
): Reply {
  if (query.type === recordType.SOA) return zone.reply([zone.soa()]);
  if (query.type === recordType.NS) return nameServersReply(zone, query.name, servers());
  return zone.denial(rcode.NOERROR);
}

function addressReply(query: Query, zone: ZoneWriter, { A, AAAA }: AddressSet): Reply {
  const type = query.type;
  const found = type === recordType.A ? A : type === recordType.AAAA ? AAAA : [];
  return zone.reply(found.map((data) => zone.record(query.name, type, data)));
}

function portAddresses(
  view: ClusterView,
  { records, labels }: Extract<Place, { kind: 'port' }>,
): AddressSet {
  if (records.target.kind === 'ClusterIP') return view.prepare(records).addresses;
  const having = endpointsOf(records).filter(({ ports }) =>
    ports.some((port) => portMatches(port, labels)),
  );
  return addressSet(having.map(({ address }) => address));
}

function answerPod(
  query: Query,
  { namespace, octets }: Extract<Place, { kind: 'pod' }>,
  { zone, view, podsMode }: AnswerContext,
): Reply {
  const address = formatAddress(octets);
  const exists =
    podsMode === 'insecure' || (podsMode === 'verified' && view.hasPod(namespace, address));
  return exists ? addressReply(query, zone, addressSet([address])) : zone.denial(rcode.NXDOMAIN);
}

function mergeAddresses(sets: readonly AddressSet[]): AddressSet {
  return { A: sets.flatMap(({ A }) => A), AAAA: sets.flatMap(({ AAAA }) => AAAA) };
}

function versionRecord(zone: ZoneWriter, owner: Name): ResourceRecord {
  const data = { kind: 'Strings', strings: [schemaVersion] } as const;
  return zone.record(owner, recordType.TXT, data, versionTtlSec);
}
