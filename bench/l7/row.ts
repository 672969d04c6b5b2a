import type { BenchContext, Measurement } from '../bench.ts';
import type { Contenders, Scene } from './contenders.ts';

/** How often and how long loads run. */
export interface Rounds {
  readonly count: number;
  readonly seconds: number;
}

/** What a row is measured with. */
export interface RowContext {
  readonly bench: BenchContext;
  readonly scene: Scene;
  readonly contenders: Contenders;
  readonly rounds: Rounds;
}

/** What came of it. */
export interface RowReport {
  readonly figures: unknown;
  readonly measurements: readonly Measurement[];
  /** One sentence for each bar that was not reached. */
  readonly missed: readonly string[];
  /** Why it was not measured. */
  readonly leftOut?: string;
}

/** One line of the table: what can be asked for alone. */
export interface Row {
  readonly id: string;
  measure(context: RowContext): Promise<RowReport>;
}
