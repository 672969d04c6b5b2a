/** What is held to be true of one target. */
export type Judgement =
  /** Never probed, and nothing on record. */
  | { readonly kind: 'unknown' }
  /** On record from before this process started; not confirmed by a probe yet. */
  | { readonly kind: 'recalled'; readonly healthy: boolean }
  /** `streak`: how many results in a row spoke against `healthy`. */
  | { readonly kind: 'judged'; readonly healthy: boolean; readonly streak: number };

/** How many results in a row it takes to change the judgement, each at least 1. */
export interface Thresholds {
  readonly successThreshold: number;
  readonly failureThreshold: number;
}

/**
 * The judgement after one more result. Thresholds damp flapping; where nothing is confirmed there
 * is nothing to damp, so that the first result decides alone and a dead backend gets no traffic
 * for the time of a threshold after each start.
 */
export function judge(before: Judgement, success: boolean, thresholds: Thresholds): Judgement {
  if (before.kind !== 'judged') return { kind: 'judged', healthy: success, streak: 0 };
  if (success === before.healthy) return { ...before, streak: 0 };
  const streak = before.streak + 1;
  const needed = success ? thresholds.successThreshold : thresholds.failureThreshold;
  if (streak < needed) return { ...before, streak };
  return { kind: 'judged', healthy: success, streak: 0 };
}

/** True or false once something is known. */
export function healthOf(judgement: Judgement): boolean | undefined {
  return judgement.kind === 'unknown' ? undefined : judgement.healthy;
}
