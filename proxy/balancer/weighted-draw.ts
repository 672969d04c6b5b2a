import type { Target } from './balancer.ts';
import type { Candidate } from './candidates.ts';

/** Draws candidates at random by their shares: O(log n), or O(n) when some are excluded. */
export class WeightedDraw<T extends Target> {
  readonly candidates: readonly Candidate<T>[];
  /** Sums of the weights up to and including each place. */
  readonly #upTo: Float64Array;
  readonly #total: number;

  constructor(candidates: readonly Candidate<T>[]) {
    this.candidates = candidates;
    this.#upTo = new Float64Array(candidates.length);
    let sum = 0;
    for (const [place, { weight }] of candidates.entries()) {
      sum += weight;
      this.#upTo[place] = sum;
    }
    this.#total = sum;
  }

  /**
   * The place of the candidate that `chance`, in [0, 1), falls on; -1 if none is left.
   * `besides`: a place that must not come up (-1: none), as when a second one is drawn.
   */
  draw(chance: number, besides: number, exclude: ReadonlySet<string> | undefined): number {
    if (exclude !== undefined && exclude.size > 0) return this.#scan(chance, besides, exclude);
    // Reading outside an array is slow in V8, hence the test.
    const left = besides < 0 ? 0 : (this.candidates[besides]?.weight ?? 0);
    const total = this.#total - left;
    if (total <= 0) return -1;
    // With one place taken out, what lies behind it moves up by its width.
    const point = chance * total;
    const skip = left > 0 && point >= (this.#upTo[besides] ?? 0) - left;
    return this.#placeOf(skip ? point + left : point);
  }

  #placeOf(point: number): number {
    let low = 0;
    let high = this.#upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#upTo[middle] ?? 0) > point) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #scan(chance: number, besides: number, exclude: ReadonlySet<string>): number {
    let total = 0;
    for (let place = 0; place < this.candidates.length; place += 1) {
      if (place !== besides) total += this.#weightUnless(exclude, place);
    }
    let point = chance * total;
    let last = -1;
    for (let place = 0; place < this.candidates.length && point >= 0; place += 1) {
      const weight = place === besides ? 0 : this.#weightUnless(exclude, place);
      if (weight > 0) last = place;
      point -= weight;
    }
    return last;
  }

  #weightUnless(exclude: ReadonlySet<string>, place: number): number {
    const candidate = this.candidates[place];
    return candidate && !exclude.has(candidate.target.id) ? candidate.weight : 0;
  }
}
