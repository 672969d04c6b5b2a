import type { Random } from '../../controller/base/index.ts';
import type { Balancer, Pick, Target } from './balancer.ts';
import { type Candidate, candidatesOf } from './candidates.ts';

/**
 * Smooth weighted round robin, nginx's algorithm: each pick credits every target with its weight,
 * takes the richest and debits it by the sum. Exact over each cycle and never in bursts: 5:1:1
 * gives `a a b a c a a`. With equal weights it is round robin. O(targets).
 */
export class SmoothWeighted<T extends Target> implements Balancer<T> {
  readonly algorithm = 'weighted';
  /** Where in the ring to begin, from 0 to 1. */
  readonly #start: number;
  #candidates: readonly Candidate<T>[] = [];
  #credits: Float64Array = new Float64Array(0);

  /** `random` says who of equals is first, so that workers do not all begin with the same one. */
  constructor(random: Random) {
    this.#start = random();
  }

  update(targets: readonly T[]): void {
    const before = new Map(
      this.#candidates.map(({ target }, place) => [target.id, this.#credits[place] ?? 0]),
    );
    this.#candidates = rotated(candidatesOf(targets), this.#start);
    this.#credits = this.#carryOver(before);
  }

  /**
   * Only differences of credit matter: those that stay are centred on 0, where new ones enter.
   * Bounded by one cycle, or a target whose weight fell would pay off an old debt for ages.
   */
  #carryOver(before: ReadonlyMap<string, number>): Float64Array {
    const kept = this.#candidates.flatMap(({ target }) => before.get(target.id) ?? []);
    const mean = kept.reduce((sum, credit) => sum + credit, 0) / Math.max(1, kept.length);
    const cycle = this.#candidates.reduce((sum, { weight }) => sum + weight, 0);
    return Float64Array.from(this.#candidates, ({ target }) => {
      const credit = (before.get(target.id) ?? mean) - mean;
      return Math.max(-cycle, Math.min(cycle, credit));
    });
  }

  pick({ exclude }: Pick): T | undefined {
    let best = -1;
    let bestCredit = -Infinity;
    let total = 0;
    for (let place = 0; place < this.#candidates.length; place += 1) {
      const candidate = this.#candidates[place];
      if (!candidate || exclude?.has(candidate.target.id)) continue;
      const credit = (this.#credits[place] ?? 0) + candidate.weight;
      this.#credits[place] = credit;
      total += candidate.weight;
      if (credit > bestCredit) {
        best = place;
        bestCredit = credit;
      }
    }
    this.#credits[best] = bestCredit - total;
    return this.#candidates[best]?.target;
  }

  started(): void {}
  ended(): void {}
}

/** The same ring, begun at `start`, in [0, 1). */
function rotated<X>(ring: readonly X[], start: number): readonly X[] {
  const first = Math.floor(start * ring.length);
  return [...ring.slice(first), ...ring.slice(0, first)];
}
