/** What `bench/main.ts` gives a benchmark to run with. */
export interface BenchContext {
  /** Shorter and coarser: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Writes one or more lines of the report that people read. */
  readonly print: (text: string) => void;
}

/** What came of it, for `--json` and for the exit status. */
export interface BenchReport {
  /** Everything measured, as JSON has it; units stand in the names. */
  readonly figures: unknown;
  /** Something did not work, such as a failed request: exit status 1. One sentence each. */
  readonly failures: readonly string[];
  /** Bars of speed or memory that were not reached: said, but no failure. One sentence each. */
  readonly missed: readonly string[];
}

/** One benchmark: `bench/NAME/index.ts` exports it as `bench`. */
export interface Bench {
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly summary: string;
  run(context: BenchContext): Promise<BenchReport>;
}
