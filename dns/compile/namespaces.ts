/**
 * Which namespaces exist: those with a Namespace object, and those that a Service implies, since
 * a folder of manifests seldom spells them out.
 */
export class Namespaces {
  readonly #declared: Set<string> = new Set();
  /** Namespace → Services in it. */
  readonly #implied: Map<string, number> = new Map();

  declare(name: string): void {
    this.#declared.add(name);
  }

  withdraw(name: string): void {
    this.#declared.delete(name);
  }

  imply(name: string): void {
    this.#implied.set(name, (this.#implied.get(name) ?? 0) + 1);
  }

  /** Takes back one `imply`. */
  release(name: string): void {
    const count = this.#implied.get(name) ?? 0;
    if (count > 1) this.#implied.set(name, count - 1);
    else this.#implied.delete(name);
  }

  all(): ReadonlySet<string> {
    return this.#declared.union(new Set(this.#implied.keys()));
  }
}
