import type { BenchContext, Measurement } from '../bench.ts';

/** What one scenario found. */
export interface Outcome {
  readonly figures: unknown;
  readonly measurements?: readonly Measurement[];
  readonly failures: readonly string[];
  readonly missed: readonly string[];
}

/** One thing that happens under load. Starts what it needs and ends it. */
export interface Scenario {
  readonly name: string;
  run(context: BenchContext): Promise<Outcome>;
}
