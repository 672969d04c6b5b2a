import type { Balancer, Pick, Target } from './balancer.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import type { Random } from '../../controller/base/index.ts';

/** Each in turn, whatever its share (LVS calls it `rr`): O(1). */
export class RoundRobin<T extends Target> implements Balancer<T> {
  readonly algorithm = 'round-robin';
  readonly #random: Random;
  #candidates: readonly Candidate<T>[] = [];
  #next = 0;

  /** `random` chooses who is first, so that many workers do not all begin with the same one. */
  constructor(random: Random) {
    this.#random = random;
  }

  update(targets: readonly T[]): void {
    const before = this.#candidates;
    this.#candidates = candidatesOf(targets);
    this.#next =
      before.length === 0
        ? Math.floor(this.#random() * this.#candidates.length)
        : this.#turnAfter(before);
  }

  /** Whose turn it is: of those that were to come, the first that is still there. */
  #turnAfter(before: readonly Candidate<T>[]): number {
    const places = new Map(this.#candidates.map(({ target }, place) => [target.id, place]));
    for (let step = 0; step < before.length; step += 1) {
      const upcoming = before[(this.#next + step) % before.length];
      const place = upcoming && places.get(upcoming.target.id);
      if (place !== undefined) return place;
    }
    return 0;
  }

  pick({ exclude }: Pick): T | undefined {
    const count = this.#candidates.length;
    for (let step = 0; step < count; step += 1) {
      const target = this.#candidates[this.#next]?.target;
      this.#next = this.#next + 1 < count ? this.#next + 1 : 0;
      if (target && !exclude?.has(target.id)) return target;
    }
    return undefined;
  }

  started(): void {}
  ended(): void {}
}
