import type { ObjectMeta } from '../objects/index.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * Names of objects by the labels they carry, within namespaces: finds what a selector selects at
 * the price of what it finds, where a scan would cost every object for every Service.
 */
export class LabelIndex {
  readonly #labels = new Map<string, Labels>();
  /** `namespace/label=value` → names. */
  readonly #names = new Map<string, Set<string>>();

  /** `labels` undefined: the object is gone. */
  set(meta: ObjectMeta, labels: Labels | undefined): void {
    const { namespace = '', name } = meta;
    const key = `${namespace}/${name}`;
    for (const pair of pairs(namespace, this.#labels.get(key))) this.#remove(pair, name);
    if (labels === undefined) {
      this.#labels.delete(key);
      return;
    }
    this.#labels.set(key, labels);
    for (const pair of pairs(namespace, labels)) {
      const names = this.#names.get(pair) ?? new Set();
      this.#names.set(pair, names.add(name));
    }
  }

  /** Sorted names of objects that carry every label of `selector`; none for an empty one. */
  find(namespace: string, selector: Labels): readonly string[] {
    const sets = pairs(namespace, selector).map((pair) => this.#names.get(pair));
    const [fewest, ...others] = sets.toSorted((a, b) => (a?.size ?? 0) - (b?.size ?? 0));
    if (!fewest) return [];
    return [...fewest].filter((name) => others.every((set) => set?.has(name))).toSorted();
  }

  #remove(pair: string, name: string): void {
    const names = this.#names.get(pair);
    if (names?.delete(name) && names.size === 0) this.#names.delete(pair);
  }
}

function pairs(namespace: string, labels: Labels = {}): readonly string[] {
  return Object.entries(labels).map(([label, value]) => `${namespace}/${label}=${value}`);
}
