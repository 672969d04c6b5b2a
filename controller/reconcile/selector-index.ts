import type { Service } from '../objects/index.ts';

type Labels = Readonly<Record<string, string>>;

/** Services by what they select: finds those that select a Pod without asking every Service. */
export class SelectorIndex {
  readonly #selectors = new Map<string, Labels>();
  /** `namespace/label=value` of one pair of each selector → Service keys. */
  readonly #keys = new Map<string, Set<string>>();

  /** `selector` undefined or empty: the Service selects nothing, or is gone. */
  set({ metadata }: Service, selector: Labels | undefined): void {
    const { namespace = '', name } = metadata;
    const key = `${namespace}/${name}`;
    const before = firstPair(namespace, this.#selectors.get(key));
    if (before !== undefined) this.#remove(before, key);
    const after = firstPair(namespace, selector);
    if (after === undefined || selector === undefined) {
      this.#selectors.delete(key);
      return;
    }
    this.#selectors.set(key, selector);
    this.#keys.set(after, (this.#keys.get(after) ?? new Set()).add(key));
  }

  /** Keys of the Services in `namespace` that select an object with these labels. */
  *matching(namespace: string, labels: Labels = {}): Generator<string> {
    for (const [label, value] of Object.entries(labels)) {
      for (const key of this.#keys.get(`${namespace}/${label}=${value}`) ?? []) {
        const selector = Object.entries(this.#selectors.get(key) ?? {});
        if (selector.every(([name, wanted]) => labels[name] === wanted)) yield key;
      }
    }
  }

  /** Keys of all Services that select anything. */
  keys(): Iterable<string> {
    return this.#selectors.keys();
  }

  #remove(pair: string, key: string): void {
    const keys = this.#keys.get(pair);
    if (keys?.delete(key) && keys.size === 0) this.#keys.delete(pair);
  }
}

/** Any one pair will do: whoever matches the selector carries it. */
function firstPair(namespace: string, selector: Labels = {}): string | undefined {
  const [pair] = Object.entries(selector);
  return pair && `${namespace}/${pair[0]}=${pair[1]}`;
}
