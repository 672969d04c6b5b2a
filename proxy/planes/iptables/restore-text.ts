import type { ChainNames } from './chain-names.ts';
import type { TableName } from './shared-chains.ts';

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

/** Rules of built-in chains, without `-A`, by table. */
export type Jumps = Readonly<Record<TableName, readonly string[]>>;

export const noJumps: Jumps = { nat: [], filter: [] };

/** One write to one table: what `iptables-restore --noflush` takes. Naming a chain empties it. */
export interface TableWrite {
  /** Chains that are written whole, with their rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>;
  /** Chains that go. */
  readonly unused: Iterable<string>;
  /** Jumps into our chains that are not there yet. */
  readonly jumps: readonly string[];
}

/** Writes to both tables as text; nothing for a table that stays as it is. */
export function restoreText(writes: Readonly<Record<TableName, TableWrite>>): string {
  return `${tableText('filter', writes.filter)}${tableText('nat', writes.nat)}`;
}

function tableText(name: TableName, { chains, unused, jumps }: TableWrite): string {
  const going = [...unused];
  if (chains.size + going.length + jumps.length === 0) return '';
  const lines = [`*${name}`];
  // In order of names: iptables-nft-restore 1.8.9 takes 2.3 times as long for 10 000 chains whose
  // names come in no order, and 3.2 times for 20 000.
  for (const chain of [...chains.keys(), ...going].toSorted()) lines.push(`:${chain} - [0:0]`);
  for (const [chain, rules] of chains) for (const rule of rules) lines.push(`-A ${chain} ${rule}`);
  // Each goes in front: so the first of them comes last.
  for (const jump of jumps.toReversed()) lines.push(`-I ${jump}`);
  for (const chain of going) lines.push(`-X ${chain}`);
  lines.push('COMMIT', '');
  return lines.join('\n');
}
