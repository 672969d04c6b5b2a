import type { Entry } from './read-document.ts';

/** A file's claim to define an object. */
export interface Claim {
  readonly path: string;
  readonly entry: Entry;
  /**
   * The file no longer says so, but not for long enough: every file that does say so comes first.
   */
  readonly isFading: boolean;
}

/** Which files define which object; of several, the first in path order counts. */
export class Claims {
  readonly #byKey = new Map<string, readonly Claim[]>();
  readonly #byPath = new Map<string, ReadonlyMap<string, Claim>>();

  /** States everything that `path` claims now. Gives the keys for which that changes anything. */
  set(path: string, claims: readonly Claim[]): readonly string[] {
    const before = this.#byPath.get(path) ?? new Map<string, Claim>();
    const after = new Map(claims.map((claim) => [claim.entry.key, claim]));
    const changed: string[] = [];
    for (const key of before.keys()) {
      if (after.has(key)) continue;
      this.#replace(key, path, undefined);
      changed.push(key);
    }
    for (const [key, claim] of after) {
      if (isSame(before.get(key), claim)) continue;
      this.#replace(key, path, claim);
      changed.push(key);
    }
    if (after.size > 0) this.#byPath.set(path, after);
    else this.#byPath.delete(path);
    return changed;
  }

  /** The claim that counts, then the others. */
  of(key: string): readonly Claim[] {
    return this.#byKey.get(key) ?? [];
  }

  #replace(key: string, path: string, claim: Claim | undefined): void {
    const others = this.of(key).filter((one) => one.path !== path);
    const all = claim === undefined ? others : [...others, claim].toSorted(byPrecedence);
    if (all.length > 0) this.#byKey.set(key, all);
    else this.#byKey.delete(key);
  }
}

function isSame(a: Claim | undefined, b: Claim): boolean {
  return a?.entry === b.entry && a.isFading === b.isFading;
}

function byPrecedence(a: Claim, b: Claim): number {
  if (a.isFading !== b.isFading) return Number(a.isFading) - Number(b.isFading);
  return a.path < b.path ? -1 : 1;
}
