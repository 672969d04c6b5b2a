import type { IPFamily } from '../../../controller/objects/index.ts';
import type { NodePortAddresses } from '../kernel/index.ts';
import { type ChainNames, hostCidr } from './chain-names.ts';
import type { PortRules } from './port-rules.ts';

/** What the shared chains are made from. */
export interface SharedOptions {
  readonly family: IPFamily;
  readonly masqueradeBit: number;
  readonly nodePortAddresses: NodePortAddresses;
  /** Those of this family that serve NodePorts, unless all do. */
  readonly acceptedAddresses: readonly string[];
}

/** Where the kernel enters our chains. `NEW` alone: established flows survive any change. */
export function jumps(names: ChainNames): Jumps {
  const isNew = '-m conntrack --ctstate NEW';
  return {
    nat: [
      `PREROUTING -j ${names.services}`,
      `OUTPUT -j ${names.services}`,
      `POSTROUTING -j ${names.postrouting}`,
    ],
    filter: [
      ...['INPUT', 'FORWARD', 'OUTPUT'].flatMap((hook) => [
        `${hook} ${isNew} -j ${names.firewall}`,
        `${hook} ${isNew} -j ${names.unserved}`,
      ]),
      `FORWARD -j ${names.forward}`,
      `INPUT -j ${names.healthChecks}`,
    ],
  };
}

/** One write: what `iptables-restore --noflush` takes. Naming a chain empties it. */
export interface Write {
  /** Every Service port: the shared chains are written whole. */
  readonly all: Iterable<PortRules>;
  /** Those whose own chains are written. */
  readonly changed: Iterable<PortRules>;
  /** Chains of `nat` that nobody uses any more. */
  readonly unused: Iterable<string>;
  readonly fingerprint: string;
  /** Jumps into our chains that are not there yet. */
  readonly missingJumps: Jumps;
}

/** Rules of built-in chains, without `-A`, by table. */
export type Jumps = Readonly<Record<'nat' | 'filter', readonly string[]>>;

export const noJumps: Jumps = { nat: [], filter: [] };

/** One write as text. */
export function restoreText(write: Write, names: ChainNames, options: SharedOptions): string {
  const all = [...write.all];
  const filter = new Map<string, readonly string[]>([
    [names.firewall, all.flatMap(({ firewall }) => firewall)],
    [names.unserved, all.flatMap(({ unserved }) => unserved)],
    [names.healthChecks, all.flatMap(({ healthChecks }) => healthChecks)],
    [names.forward, forwardRules(mark(options))],
  ]);
  const nat = new Map<string, readonly string[]>([
    [names.markMasquerade, [`-j MARK --set-xmark ${mark(options)}/${mark(options)}`]],
    [names.postrouting, postroutingRules(mark(options))],
    [names.nodePorts, all.flatMap(({ nodePorts }) => nodePorts)],
    [names.services, [...all.flatMap(({ services }) => services), ...toNodePorts(names, options)]],
    [write.fingerprint, []],
  ]);
  for (const { chains } of write.changed) {
    for (const [name, rules] of chains) nat.set(name, rules);
  }
  const { missingJumps } = write;
  return [
    table('filter', filter, [], missingJumps.filter),
    table('nat', nat, [...write.unused], missingJumps.nat),
  ].join('');
}

function table(
  name: string,
  chains: ReadonlyMap<string, readonly string[]>,
  unused: readonly string[],
  jumps: readonly string[],
): string {
  const lines = [`*${name}`];
  // In order of names: iptables-nft keeps a sorted list that it searches from one end (1.8.9), so
  // that names in no order take twice as long at 20 000 chains, and ever longer beyond.
  for (const chain of [...chains.keys(), ...unused].toSorted()) lines.push(`:${chain} - [0:0]`);
  for (const [chain, rules] of chains) for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
  // Each goes in front: so the first of them comes last.
  for (const jump of jumps.toReversed()) lines.push(`-I ${jump}`);
  for (const chain of unused) lines.push(`-X ${chain}`);
  lines.push('COMMIT', '');
  return lines.join('\n');
}

function mark({ masqueradeBit }: SharedOptions): string {
  return `0x${(2 ** masqueradeBit).toString(16)}`;
}

/** Un-NATed packets of flows that conntrack lost would make clients reset (kubernetes #74839). */
function forwardRules(mark: string): readonly string[] {
  return [
    '-m conntrack --ctstate INVALID -j DROP',
    `-m mark --mark ${mark}/${mark} -j ACCEPT`,
    '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
}

/** The mark is cleared, so that a packet in a tunnel is not masqueraded again outside of it. */
function postroutingRules(mark: string): readonly string[] {
  return [
    `-m mark ! --mark ${mark}/${mark} -j RETURN`,
    `-j MARK --xor-mark ${mark}`,
    '-j MASQUERADE --random-fully',
  ];
}

function toNodePorts(names: ChainNames, options: SharedOptions): readonly string[] {
  const { nodePortAddresses, acceptedAddresses, family } = options;
  if (nodePortAddresses.kind !== 'all') {
    return acceptedAddresses.map((address) => `-d ${hostCidr(address)} -j ${names.nodePorts}`);
  }
  const loopback = family === 'IPv6' ? '::1/128' : '127.0.0.0/8';
  return [`! -d ${loopback} -m addrtype --dst-type LOCAL -j ${names.nodePorts}`];
}
