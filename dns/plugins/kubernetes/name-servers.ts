import { type Name, recordType } from '../../wire/index.ts';
import type { Reply } from '../plugin.ts';
import { type AddressSet, addressSet } from './address-set.ts';
import type { ClusterView } from './cluster-view.ts';
import { addressRecords } from './srv.ts';
import type { ZoneWriter } from './zone.ts';

interface NameServer {
  readonly name: Name;
  readonly addresses: AddressSet;
}

/** NS of the zone, with the addresses of those names. */
export function nameServersReply(
  zone: ZoneWriter,
  owner: Name,
  servers: readonly NameServer[],
): Reply {
  return zone.reply(
    servers.map(({ name }) => zone.record(owner, recordType.NS, { kind: 'Target', target: name })),
    servers.flatMap(({ name, addresses }) => addressRecords(zone, name, addresses)),
  );
}

/**
 * The Services by which this server itself can be reached: those that list one of its own
 * addresses. None: `ns.dns` of the zone `domain`, with the addresses themselves. Loopback
 * addresses mean another host to everybody else, and count only if there is no other.
 */
export function nameServers(
  domain: Name,
  view: ClusterView,
  ownAddresses: readonly string[],
): readonly NameServer[] {
  const reachable = ownAddresses.filter((address) => !isLoopback(address));
  const found = new Map<string, NameServer>();
  for (const address of reachable) {
    for (const records of view.servicesBehind(address)) {
      const { namespace, name, target } = records;
      const serviceName: Name = [name, namespace, 'svc', ...domain];
      if (target.kind === 'ClusterIP') {
        found.set(serviceName.join('.'), {
          name: serviceName,
          addresses: view.prepare(records).addresses,
        });
        continue;
      }
      for (const endpoint of target.kind === 'Headless' ? target.endpoints : []) {
        if (endpoint.address !== address) continue;
        const label = view.nameOf(endpoint);
        const addresses = view.prepare(records).byEndpointName.get(label)?.addresses;
        const own: Name = [label, ...serviceName];
        if (addresses) found.set(own.join('.'), { name: own, addresses });
      }
    }
  }
  if (found.size > 0) return [...found.values()];
  const addresses = addressSet(reachable.length > 0 ? reachable : ownAddresses);
  return [{ name: ['ns', 'dns', ...domain], addresses }];
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
