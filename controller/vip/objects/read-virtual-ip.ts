import { isIP } from 'node:net';
import { parseDurationMs, type Problem } from '../../base/index.ts';
import type { IPFamily, VirtualIP, VirtualIPNode } from '../../objects/index.ts';
import type { InterfaceAddress } from '../link/netlink-message.ts';
import type { VirtualRouterSpec } from '../speaker/virtual-router.ts';
import { passwordLength, type VrrpVersion } from '../wire/advertisement.ts';
import { canonicalAddress } from '../wire/ip-address.ts';
import { FieldProblems } from './field-reader.ts';
import { readTracks, type Track } from './read-tracks.ts';

/** What one VirtualIP asks of this node. */
export interface NodeVirtualIP {
  /** One for each family; none when this node takes no part, or something is wrong. */
  readonly routers: readonly VirtualRouterSpec[];
  /** Trackers other than interfaces. */
  readonly tracks: readonly Track[];
  readonly notify: readonly string[] | undefined;
  readonly problems: readonly Problem[];
}

/** RFC 9568 §5.2.7: twelve bits of centiseconds. */
const maxIntervalMs = 40_950;
const maxPreemptDelayMs = 1_000_000;
/** RFC 9568 §5.2.5: the count is one byte. */
const maxAddresses = 255;

/** Looks a value of a Secret up, decoded; undefined when there is none. */
export type ReadSecret = (
  ref: NonNullable<VirtualIP['spec']['passwordSecretRef']>,
) => Uint8Array | undefined;

/**
 * Reads a VirtualIP for one node. `hasWitness`: there is something that could be one. Wrong fields
 * become problems, never exceptions.
 */
export function readVirtualIP(
  object: VirtualIP,
  nodeName: string,
  readSecret: ReadSecret,
  hasWitness: boolean = false,
): NodeVirtualIP {
  const { name } = object.metadata;
  const { spec } = object;
  const problems = new FieldProblems({ kind: 'VirtualIP', namespace: '', name });
  const node = spec.nodes?.find((one) => one.name === nodeName);
  const { tracks, interfaces } = readTracks(spec.track ?? [], problems);
  const addresses = readAddresses('spec.addresses', spec.addresses, problems);
  const families = (['IPv4', 'IPv6'] as const).filter((family) =>
    addresses.some((one) => familyOf(one) === family),
  );
  if (spec.addresses.length === 0) {
    problems.add('spec.addresses', 'there is no address', 'write at least one');
  }
  const common = {
    ...readElection(spec, node, problems),
    interface: node?.interface ?? spec.interface,
    excludedAddresses: readAddresses('spec.excludedAddresses', spec.excludedAddresses, problems),
    password: readPassword(object, readSecret, problems),
    trackInterfaces: interfaces,
    ...readWitness(spec, hasWitness, problems),
  };
  const takesPart = spec.nodes === undefined || node !== undefined;
  const routers = families.map((family): VirtualRouterSpec => {
    const own = node?.sourceAddress;
    const peers = spec.unicastPeers?.filter((one) => isFamily(one, family));
    return {
      ...common,
      name: families.length > 1 ? `${name}/${family}` : name,
      family,
      version: family === 'IPv6' ? 3 : common.version,
      addresses: addresses.filter((one) => familyOf(one) === family),
      // Excluded ones go with the first family, of whichever family they are.
      excludedAddresses: family === families[0] ? common.excludedAddresses : [],
      sourceAddress: own !== undefined && isFamily(own, family) ? canonicalAddress(own) : undefined,
      unicastPeers: peers?.map(canonicalAddress).filter((peer) => peer !== own),
    };
  });
  return {
    routers: takesPart && !problems.any ? routers : [],
    tracks,
    notify: spec.notify,
    problems: problems.found,
  };
}

type ElectionFields = Pick<
  VirtualRouterSpec,
  | 'vrid'
  | 'version'
  | 'priority'
  | 'adverIntervalMs'
  | 'preempt'
  | 'preemptDelayMs'
  | 'checksum'
  | 'syncGroup'
  | 'rivals'
>;

function readElection(
  spec: VirtualIP['spec'],
  node: VirtualIPNode | undefined,
  problems: FieldProblems,
): ElectionFields {
  const version: VrrpVersion = spec.version === 2 ? 2 : 3;
  if (spec.version !== undefined) problems.integer('spec.version', spec.version, 2, 3);
  const priority = node?.priority ?? spec.priority ?? 100;
  const priorityField = node?.priority === undefined ? 'spec.priority' : 'spec.nodes[].priority';
  return {
    vrid: problems.integer('spec.virtualRouterID', spec.virtualRouterID, 1, 255),
    version,
    priority: problems.integer(priorityField, priority, 1, 255),
    adverIntervalMs: readInterval(spec.advertInterval ?? '1s', version, problems),
    preempt: spec.preempt ?? true,
    preemptDelayMs: readDuration(
      'spec.preemptDelay',
      spec.preemptDelay ?? '0s',
      0,
      maxPreemptDelayMs,
      problems,
    ),
    checksum: spec.checksum === 'Message' ? 'message' : 'pseudo-header',
    syncGroup: spec.syncGroup,
    rivals: spec.rivals === 'Report' ? 'report' : 'yield',
  };
}

function readWitness(
  { witness, syncGroup }: VirtualIP['spec'],
  hasWitness: boolean,
  problems: FieldProblems,
): Pick<VirtualRouterSpec, 'witness'> {
  if (!witness) return {};
  const field = 'spec.witness';
  if (!hasWitness) {
    const instead = 'run in a cluster or with --etcd, or leave it out';
    problems.add(field, 'there is no store shared with other nodes to keep a Lease in', instead);
  }
  if (syncGroup !== undefined) {
    problems.add(field, 'a sync group has no witness', 'leave out spec.syncGroup or spec.witness');
  }
  if (!['Consistency', 'Availability'].includes(witness.prefer)) {
    const message = `"${witness.prefer}" is no preference`;
    problems.add(`${field}.prefer`, message, 'write Consistency or Availability');
  }
  const duration = witness.leaseDuration ?? '3s';
  return {
    witness: {
      leaseDurationMs: readDuration(`${field}.leaseDuration`, duration, 1000, 60_000, problems),
      prefer: witness.prefer === 'Availability' ? 'availability' : 'consistency',
    },
  };
}

function readInterval(text: string, version: VrrpVersion, problems: FieldProblems): number {
  const field = 'spec.advertInterval';
  const stepMs = version === 2 ? 1000 : 10;
  const maxMs = version === 2 ? 255_000 : maxIntervalMs;
  const intervalMs = readDuration(field, text, stepMs, maxMs, problems);
  if (intervalMs % stepMs !== 0) {
    const instead =
      version === 2 ? 'write whole seconds, or use version 3' : 'write a multiple of 10ms';
    problems.add(field, `${text} cannot be said in a packet of version ${version}`, instead);
  }
  return intervalMs;
}

/** A duration in range, or `min` with a problem. */
function readDuration(
  field: string,
  text: string,
  minMs: number,
  maxMs: number,
  problems: FieldProblems,
): number {
  const durationMs = parseDurationMs(text);
  if (durationMs !== undefined && durationMs >= minMs && durationMs <= maxMs) return durationMs;
  const range = `from ${minMs}ms to ${maxMs / 1000}s, such as 100ms or 1s`;
  problems.add(field, `"${text}" is no duration in range`, `write one ${range}`);
  return minMs;
}

function readAddresses(
  field: string,
  texts: readonly string[] | undefined,
  problems: FieldProblems,
): readonly InterfaceAddress[] {
  const read = (texts ?? []).flatMap((text, at): readonly InterfaceAddress[] => {
    const [address = '', prefix, ...rest] = text.split('/');
    const bits = isIP(address) === 4 ? 32 : 128;
    const prefixLength = prefix === undefined ? bits : Number(prefix);
    const fits = /^\d+$/.test(prefix ?? '0') && prefixLength >= 1 && prefixLength <= bits;
    if (isIP(address) !== 0 && !address.includes('%') && fits && rest.length === 0) {
      return [{ address: canonicalAddress(address), prefixLength }];
    }
    const instead = 'write an address such as 192.0.2.10/24 or 2001:db8::10/64';
    problems.add(`${field}[${at}]`, `"${text}" is no address`, instead);
    return [];
  });
  if (read.length > maxAddresses) {
    const instead = 'move some to spec.excludedAddresses or another VirtualIP';
    problems.add(field, `an advert holds ${maxAddresses} addresses at most`, instead);
  }
  return read;
}

function readPassword(
  { spec }: VirtualIP,
  readSecret: ReadSecret,
  problems: FieldProblems,
): Uint8Array | undefined {
  const ref = spec.passwordSecretRef;
  if (!ref) return undefined;
  const field = 'spec.passwordSecretRef';
  if (spec.version !== 2) {
    problems.add(field, 'version 3 has no passwords', 'leave it out, or set spec.version to 2');
    return undefined;
  }
  const secret = readSecret(ref);
  if (!secret) {
    const where = `${ref.namespace}/${ref.name}`;
    problems.add(field, `Secret ${where} has no ${ref.key}`, 'create it, or name another');
    return undefined;
  }
  const password = new Uint8Array(passwordLength);
  password.set(secret.subarray(0, passwordLength));
  return password;
}

function familyOf({ address }: { readonly address: string }): IPFamily {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

function isFamily(address: string, family: IPFamily): boolean {
  return isIP(address) === (family === 'IPv4' ? 4 : 6);
}
