import type { Random } from '../../controller/base/index.ts';
import type { Balancer, Pick, Target } from './balancer.ts';
import { type ActiveCount, ActiveCounts } from './active-counts.ts';
import { candidatesOf } from './candidates.ts';
import { WeightedDraw } from './weighted-draw.ts';

/**
 * Power of two choices: draws two different targets by their shares, and takes the one with less
 * under way per share; the first drawn if equal, so that an idle Service follows the shares.
 * Nearly as even as `least-conn` at O(log n), and several workers do not herd (Mitzenmacher 2001).
 */
export class PowerOfTwoChoices<T extends Target> implements Balancer<T> {
  readonly algorithm = 'p2c';
  readonly #random: Random;
  readonly #active = new ActiveCounts();
  #draw: WeightedDraw<T> = new WeightedDraw<T>([]);
  #counts: readonly ActiveCount[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  update(targets: readonly T[]): void {
    const counts = this.#active.update(targets.map(({ id }) => id));
    const countOf = new Map(targets.map((target, place) => [target, counts[place]]));
    this.#draw = new WeightedDraw(candidatesOf(targets));
    this.#counts = this.#draw.candidates.flatMap(({ target }) => countOf.get(target) ?? []);
  }

  pick({ exclude }: Pick): T | undefined {
    const first = this.#draw.draw(this.#random(), -1, exclude);
    if (first < 0) return undefined;
    const second = this.#draw.draw(this.#random(), first, exclude);
    const winner = second >= 0 && this.#load(second) < this.#load(first) ? second : first;
    return this.#draw.candidates[winner]?.target;
  }

  #load(place: number): number {
    return (this.#counts[place]?.active ?? 0) / (this.#draw.candidates[place]?.weight ?? 1);
  }

  started(id: string): void {
    this.#active.started(id);
  }

  ended(id: string): void {
    this.#active.ended(id);
  }
}
