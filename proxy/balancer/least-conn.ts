import type { Balancer, Pick, Target } from './balancer.ts';
import { type ActiveCount, ActiveCounts } from './active-counts.ts';
import { type Candidate, candidatesOf } from './candidates.ts';

/**
 * The least `(active + 1) / weight`: who would be the least loaded with this one added (LVS calls
 * it shortest expected delay). Among equals, each in turn. O(targets).
 */
export class LeastConn<T extends Target> implements Balancer<T> {
  readonly algorithm = 'least-conn';
  readonly #active = new ActiveCounts();
  #candidates: readonly Candidate<T>[] = [];
  #counts: readonly ActiveCount[] = [];
  #next = 0;

  update(targets: readonly T[]): void {
    // Counts of drained targets are kept too: they may get their share back.
    const counts = this.#active.update(targets.map(({ id }) => id));
    const countOf = new Map(targets.map((target, place) => [target, counts[place]]));
    this.#candidates = candidatesOf(targets);
    this.#counts = this.#candidates.flatMap(({ target }) => countOf.get(target) ?? []);
    if (this.#next >= this.#candidates.length) this.#next = 0;
  }

  pick({ exclude }: Pick): T | undefined {
    const length = this.#candidates.length;
    let best: Candidate<T> | undefined;
    let bestLoad = Infinity;
    let bestPlace = 0;
    // Begins behind the last choice, and only less is better: so equals take turns.
    for (let step = 0, place = this.#next; step < length; step += 1) {
      const candidate = this.#candidates[place];
      const load = ((this.#counts[place]?.active ?? 0) + 1) / (candidate?.weight ?? 1);
      if (candidate && load < bestLoad && !exclude?.has(candidate.target.id)) {
        best = candidate;
        bestLoad = load;
        bestPlace = place;
      }
      place = place + 1 < length ? place + 1 : 0;
    }
    this.#next = bestPlace + 1 < length ? bestPlace + 1 : 0;
    return best?.target;
  }

  started(id: string): void {
    this.#active.started(id);
  }

  ended(id: string): void {
    this.#active.ended(id);
  }
}
