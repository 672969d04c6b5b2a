/** How many connections or requests a target has under way. */
export interface ActiveCount {
  active: number;
  /** False once the target is gone: its count lives on until the last one ended. */
  current: boolean;
}

/**
 * Connections under way by target id. Targets that went keep their count until it is 0, so one
 * that comes back is not taken for idle. Holds at most the targets and the connections there are.
 */
export class ActiveCounts {
  readonly #byId = new Map<string, ActiveCount>();

  /** The counts of the targets from now on, in their order; the objects stay the same. */
  update(ids: readonly string[]): readonly ActiveCount[] {
    for (const count of this.#byId.values()) count.current = false;
    const counts = ids.map((id) => {
      const count = this.#byId.get(id) ?? { active: 0, current: true };
      count.current = true;
      this.#byId.set(id, count);
      return count;
    });
    for (const [id, count] of this.#byId) this.#forgetIdle(id, count);
    return counts;
  }

  started(id: string): void {
    const count = this.#byId.get(id);
    if (count) count.active += 1;
    // Picked before an update took it away, connected after.
    else this.#byId.set(id, { active: 1, current: false });
  }

  /** More ends than starts are ignored: a count never falls below 0. */
  ended(id: string): void {
    const count = this.#byId.get(id);
    if (!count || count.active === 0) return;
    count.active -= 1;
    this.#forgetIdle(id, count);
  }

  #forgetIdle(id: string, count: ActiveCount): void {
    if (!count.current && count.active === 0) this.#byId.delete(id);
  }
}
