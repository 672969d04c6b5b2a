import { createHash } from 'node:crypto';
import { ConfigError, type Problem } from '../../base/index.ts';
import type { AddressPool, Service, VirtualIP } from '../../objects/index.ts';
import { parseAddressRange } from '../../reconcile/allocation/address-range.ts';
import { canonicalAddress } from '../wire/ip-address.ts';
import { maxBackupPriority } from '../election/timing.ts';

const maxVirtualRouterID = 255;

/** Virtual IPs that pools make of the addresses of Services. */
export interface LeasedVirtualIPs {
  readonly virtualIPs: readonly VirtualIP[];
  readonly problems: readonly Problem[];
}

/**
 * One virtual IP for each address in a pool that a Service of type LoadBalancer was given. All
 * nodes come to the same result from the same objects, without asking each other.
 */
export function leaseVirtualIPs(
  pools: readonly AddressPool[],
  services: readonly Service[],
  allNodes: readonly string[],
): LeasedVirtualIPs {
  const given = new Set(services.flatMap(addressesOf));
  const virtualIPs: VirtualIP[] = [];
  const problems: Problem[] = [];
  for (const pool of pools) {
    try {
      virtualIPs.push(...leaseFrom(pool, given, pool.spec.nodes ?? allNodes));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(brokenPool(pool, error));
    }
  }
  return { virtualIPs, problems };
}

/**
 * Nodes in the order in which they should hold an address: rendezvous hashing, so that addresses
 * spread evenly, and the loss of a node moves no other address than its own.
 */
export function rankNodes(nodes: readonly string[], address: string): readonly string[] {
  const scored = nodes.map((node) => ({
    node,
    score: createHash('sha256').update(`${node}#${address}`).digest('hex'),
  }));
  return scored.toSorted((a, b) => (a.score < b.score ? -1 : 1)).map(({ node }) => node);
}

/** @throws ConfigError when the pool makes no sense */
function leaseFrom(
  { metadata, spec }: AddressPool,
  given: ReadonlySet<string>,
  nodes: readonly string[],
): readonly VirtualIP[] {
  const found: VirtualIP[] = [];
  let next = spec.firstVirtualRouterID;
  for (const range of spec.addresses.map(parseAddressRange)) {
    const last = next + range.size - 1;
    if (!Number.isInteger(next) || next < 1 || last > maxVirtualRouterID) {
      const message = `virtual router IDs from ${next} to ${last} are out of range; write a smaller pool or a lower spec.firstVirtualRouterID: they go from 1 to ${maxVirtualRouterID}`;
      throw new ConfigError('VirtualRouterIDsExhausted', message);
    }
    for (const address of given) {
      const position = range.positionOf(address);
      if (position === undefined) continue;
      found.push({
        apiVersion: 'portolan.dev/v1alpha1',
        kind: 'VirtualIP',
        metadata: { name: `${metadata.name}/${address}` },
        spec: {
          interface: spec.interface,
          addresses: [address],
          virtualRouterID: next + position,
          ...(spec.advertInterval !== undefined && { advertInterval: spec.advertInterval }),
          nodes: rankNodes(nodes, address).map((name, rank) => ({
            name,
            priority: Math.max(1, maxBackupPriority - rank),
          })),
        },
      });
    }
    next = last + 1;
  }
  return found;
}

function addressesOf({ spec, status }: Service): readonly string[] {
  if (spec?.type !== 'LoadBalancer') return [];
  const ips = status?.loadBalancer?.ingress?.flatMap(({ ip }) => (ip ? [ip] : [])) ?? [];
  return ips.map(canonicalAddress);
}

function brokenPool({ metadata }: AddressPool, error: ConfigError): Problem {
  return {
    severity: 'error',
    reason: error.code,
    message: `${error.message}; no address of this pool is held`,
    object: { kind: 'AddressPool', namespace: '', name: metadata.name, field: 'spec.addresses' },
  };
}
