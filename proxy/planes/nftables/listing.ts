/** What a table holds, as far as it is compared with what it should hold. */
export interface Listing {
  /** Number of rules by chain. */
  readonly chains: ReadonlyMap<string, number>;
  /** Elements by set or map: value by key. */
  readonly sets: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/**
 * Reads what `nft -nn list table` prints. Rules are counted and not compared: nft prints them in
 * other words than it was told them.
 */
export function parseListing(text: string): Listing {
  const chains = new Map<string, number>();
  const sets = new Map<string, Map<string, string>>();
  let set: Map<string, string> | undefined;
  let chain: string | undefined;
  let inElements = false;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    const opened = /^\t(set|map|chain) (\S+) \{$/.exec(line);
    if (opened?.[2] !== undefined) {
      chain = opened[1] === 'chain' ? opened[2] : undefined;
      set = chain === undefined ? new Map() : undefined;
      if (set) sets.set(opened[2], set);
      else chains.set(opened[2], 0);
    } else if (line === '\t}') {
      set = undefined;
      chain = undefined;
    } else if (set && (inElements || trimmed.startsWith('elements = {'))) {
      inElements = !trimmed.endsWith('}');
      readElements(trimmed, set);
    } else if (chain !== undefined && trimmed !== '' && !trimmed.startsWith('type ')) {
      chains.set(chain, (chains.get(chain) ?? 0) + 1);
    }
  }
  return { chains, sets };
}

/** One line of `elements = { k : v, k : v,` … `k : v }`. */
function readElements(line: string, set: Map<string, string>): void {
  const from = line.startsWith('elements = {') ? 'elements = {'.length : 0;
  const to = line.endsWith('}') ? line.length - 1 : line.length;
  for (const part of line.slice(from, to).split(',')) {
    const text = part.trim();
    if (text === '') continue;
    // Addresses have no blank around their colons: ` : ` only parts key and value.
    const middle = text.indexOf(' : ');
    if (middle < 0) set.set(text, '');
    else set.set(text.slice(0, middle), text.slice(middle + 3));
  }
}
