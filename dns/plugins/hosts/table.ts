import { WireError } from '../../../controller/base/index.ts';
import {
  formatAddress,
  lowerName,
  type Name,
  nameKey,
  parseAddress,
  parseName,
} from '../../wire/index.ts';

/** More than any hosts file; bounds what a file can make us hold. */
const maxEntries = 1_000_000;

/** What hosts(5) says: addresses by name, and names by address. */
export interface HostsTable {
  readonly byName: ReadonlyMap<
    string,
    { readonly A: readonly Buffer[]; readonly AAAA: readonly Buffer[] }
  >;
  /** By canonical address. */
  readonly byAddress: ReadonlyMap<string, readonly Name[]>;
}

/** `address name…` lines; comments, and lines that are neither, are passed over. */
export function parseHosts(lines: Iterable<readonly string[]>): HostsTable {
  const byName = new Map<string, { A: Buffer[]; AAAA: Buffer[] }>();
  const byAddress = new Map<string, Name[]>();
  let entries = 0;
  for (const [addressText = '', ...names] of lines) {
    // A scope says which link, which no record can.
    const parsed = parseAddress(addressText.split('%')[0] ?? '');
    if (!parsed) continue;
    const octets = unmapped(parsed);
    const address = formatAddress(octets);
    for (const text of names) {
      const name = nameOrUndefined(text);
      if (!name || entries >= maxEntries) continue;
      entries += 1;
      const key = nameKey(name);
      const known = byName.get(key) ?? { A: [], AAAA: [] };
      byName.set(key, known);
      const family = octets.length === 4 ? known.A : known.AAAA;
      if (!family.some((one) => one.equals(octets))) family.push(octets);
      byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
    }
  }
  return { byName, byAddress };
}

/** The words of each line of a hosts file. */
export function* hostsLines(text: string): Generator<readonly string[]> {
  for (const line of text.split('\n')) {
    const words = line.replace(/#.*$/, '').trim().split(/\s+/);
    if (words.length >= 2) yield words;
  }
}

function nameOrUndefined(text: string): Name | undefined {
  try {
    return lowerName(parseName(text));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** `::ffff:192.0.2.1` is an IPv4 address. */
function unmapped(octets: Buffer): Buffer {
  const isMapped =
    octets.length === 16 && octets.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  return isMapped ? octets.subarray(12) : octets;
}
