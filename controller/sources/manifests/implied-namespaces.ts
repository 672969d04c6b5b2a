import { type AnyObject, kinds, type Namespace } from '../../objects/index.ts';
import type { Identity } from '../../schema/index.ts';
import type { Store, WriteOperation } from '../../store/index.ts';

/**
 * Namespaces that objects mention and nobody defines: made when first mentioned, removed after the
 * last mention. Those that were there without us stay.
 */
export class ImpliedNamespaces {
  readonly #mentions = new Map<string, number>();
  readonly #made = new Set<string>();

  /** Counts an object that the source put, or no longer puts. */
  count(identity: Identity, by: 1 | -1): void {
    if (!kinds[identity.kind].namespaced) return;
    const { namespace } = identity;
    const mentions = (this.#mentions.get(namespace) ?? 0) + by;
    if (mentions > 0) this.#mentions.set(namespace, mentions);
    else this.#mentions.delete(namespace);
  }

  /** True when removing the Namespace's manifest must leave a Namespace. */
  isMentioned(name: string): boolean {
    return this.#mentions.has(name);
  }

  /** A manifest defines this Namespace: it is no longer ours to remove. */
  forget(name: string): void {
    this.#made.delete(name);
  }

  /** Namespaces to make before anything else is written. */
  toMake(store: Store, isDefined: (name: string) => boolean): readonly WriteOperation[] {
    const operations: WriteOperation[] = [];
    for (const name of this.#mentions.keys()) {
      if (isDefined(name) || store.get('Namespace', '', name) !== undefined) continue;
      this.#made.add(name);
      operations.push({ kind: 'put', object: bareNamespace(name) });
    }
    return operations;
  }

  /** Namespaces to remove after everything else is written. */
  toRemove(): readonly WriteOperation[] {
    const names = [...this.#made].filter((name) => !this.#mentions.has(name));
    return names.map((name) => {
      this.#made.delete(name);
      return { kind: 'delete', objectKind: 'Namespace', namespace: '', name };
    });
  }

  /** The Namespace to leave in place of one whose manifest went away while it is mentioned. */
  takeOver(name: string): AnyObject {
    this.#made.add(name);
    return bareNamespace(name);
  }
}

function bareNamespace(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, status: { phase: 'Active' } };
}
