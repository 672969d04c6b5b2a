import type { Random } from '../../controller/base/index.ts';
import type { Balancer, Pick, Target } from './balancer.ts';
import { candidatesOf } from './candidates.ts';
import { WeightedDraw } from './weighted-draw.ts';

/** Any of them, in proportion to the shares; what kube-proxy does with equal ones. O(log n). */
export class RandomChoice<T extends Target> implements Balancer<T> {
  readonly algorithm = 'random';
  readonly #random: Random;
  #draw: WeightedDraw<T> = new WeightedDraw<T>([]);

  constructor(random: Random) {
    this.#random = random;
  }

  update(targets: readonly T[]): void {
    this.#draw = new WeightedDraw(candidatesOf(targets));
  }

  pick({ exclude }: Pick): T | undefined {
    return this.#draw.candidates[this.#draw.draw(this.#random(), -1, exclude)]?.target;
  }

  started(): void {}
  ended(): void {}
}
