import type { Target } from './balancer.ts';

/** A target that may be picked, with the share that counts: always above 0. */
export interface Candidate<T extends Target> {
  readonly target: T;
  readonly weight: number;
}

/**
 * The targets that can be picked at all. Weight 0 drains a target, so it is left out; but if
 * every weight is 0 nothing is left to drain towards, and all count as equal.
 */
export function candidatesOf<T extends Target>(targets: readonly T[]): readonly Candidate<T>[] {
  const weighted = targets.filter((target) => target.weight > 0);
  return weighted.length > 0
    ? weighted.map((target) => ({ target, weight: target.weight }))
    : targets.map((target) => ({ target, weight: 1 }));
}
