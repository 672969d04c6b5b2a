import type { KubeObject } from '../objects/index.ts';

/** The objects of one kind, by namespace and name. Lists come in the order of both, as the API's. */
export class ObjectTable<T extends KubeObject> {
  readonly #namespaces = new Map<string, NamespaceObjects<T>>();
  /** Sorted; undefined after a namespace came or went. */
  #sortedNamespaces: readonly string[] | undefined = [];

  get(namespace: string, name: string): T | undefined {
    return this.#namespaces.get(namespace)?.byName.get(name);
  }

  set(object: T): void {
    const { namespace = '', name } = object.metadata;
    let within = this.#namespaces.get(namespace);
    if (!within) {
      within = { byName: new Map(), sortedNames: undefined };
      this.#namespaces.set(namespace, within);
      this.#sortedNamespaces = undefined;
    }
    if (!within.byName.has(name)) within.sortedNames = undefined;
    within.byName.set(name, object);
  }

  delete(namespace: string, name: string): void {
    const within = this.#namespaces.get(namespace);
    if (!within?.byName.delete(name)) return;
    within.sortedNames = undefined;
    if (within.byName.size > 0) return;
    this.#namespaces.delete(namespace);
    this.#sortedNamespaces = undefined;
  }

  /** A fresh array. `namespace` undefined: all of them. */
  list(namespace: string | undefined): T[] {
    const found: T[] = [];
    if (namespace !== undefined) {
      collect(this.#namespaces.get(namespace), found);
      return found;
    }
    this.#sortedNamespaces ??= [...this.#namespaces.keys()].toSorted();
    for (const one of this.#sortedNamespaces) collect(this.#namespaces.get(one), found);
    return found;
  }
}

interface NamespaceObjects<T> {
  readonly byName: Map<string, T>;
  /** Undefined after a name came or went: sorted again by the next list, not by each write. */
  sortedNames: readonly string[] | undefined;
}

function collect<T>(within: NamespaceObjects<T> | undefined, into: T[]): void {
  if (!within) return;
  within.sortedNames ??= [...within.byName.keys()].toSorted();
  for (const name of within.sortedNames) {
    const object = within.byName.get(name);
    if (object) into.push(object);
  }
}
