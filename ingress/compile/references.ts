/** Who uses what, both ways: so that a change finds the users that it concerns. */
export class References {
  readonly #byUser = new Map<string, ReadonlySet<string>>();
  readonly #byUsed = new Map<string, Set<string>>();

  /** Replaces what `user` uses. An empty set forgets it. */
  set(user: string, used: ReadonlySet<string>): void {
    for (const old of this.#byUser.get(user) ?? []) {
      if (!used.has(old)) this.#drop(old, user);
    }
    for (const one of used) {
      const users = this.#byUsed.get(one);
      if (users) users.add(user);
      else this.#byUsed.set(one, new Set([user]));
    }
    if (used.size > 0) this.#byUser.set(user, used);
    else this.#byUser.delete(user);
  }

  /** What `user` uses. */
  usedBy(user: string): ReadonlySet<string> {
    return this.#byUser.get(user) ?? empty;
  }

  /** Who uses `used`. */
  usersOf(used: string): ReadonlySet<string> {
    return this.#byUsed.get(used) ?? empty;
  }

  #drop(used: string, user: string): void {
    const users = this.#byUsed.get(used);
    users?.delete(user);
    if (users?.size === 0) this.#byUsed.delete(used);
  }
}

const empty: ReadonlySet<string> = new Set();
