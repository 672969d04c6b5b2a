/** What a process asks the owner of the counts. Plain data: it crosses process borders. */
export type LimitAsk =
  | {
      readonly kind: 'take';
      readonly key: string;
      readonly intervalMs: number;
      readonly burst: number;
      /** At most so many, to be used or lost. */
      readonly tokens: number;
    }
  | { readonly kind: 'enter'; readonly key: string; readonly most: number }
  | { readonly kind: 'leave'; readonly key: string };

/** Asks of one moment. */
export interface LimitAsks {
  readonly id: number;
  readonly asks: readonly LimitAsk[];
}

/**
 * One number for each ask, in their order. `take`: tokens, or if there are none the milliseconds
 * until there is one, negative. `enter`: 1 or 0. `leave`: 0.
 */
export interface LimitAnswers {
  readonly id: number;
  readonly answers: readonly number[];
}
