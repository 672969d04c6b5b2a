/** One element of a named set or map, as `nft -nn list` prints it: key ` : ` value. */
export interface Element {
  /** The set or map. */
  readonly set: string;
  readonly key: string;
  /** '' in a set. */
  readonly value: string;
}

/** A chain without a hook: entered by verdicts alone. */
export interface Chain {
  readonly name: string;
  readonly rules: readonly string[];
}

/** A named set or map. */
export interface NamedSet {
  readonly name: string;
  readonly kind: 'set' | 'map';
  /** What stands between the braces. */
  readonly definition: string;
}

/**
 * Everything that one Service port puts into the table. Chains and sets of one name have one
 * content wherever they appear, so several Service ports may share them; so may elements of sets
 * (not of maps).
 */
export interface ServiceObjects {
  readonly elements: readonly Element[];
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
}

/** Names an element among all. */
export function elementId({ set, key }: Element): string {
  return `${set} ${key}`;
}

/** A transaction that only changes elements: those that go, then those that come. */
export interface ElementChange {
  /** Family and name. */
  readonly table: string;
  readonly deleted: readonly Element[];
  readonly added: readonly Element[];
}
