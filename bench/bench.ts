/** What `bench/main.ts` gives a benchmark to run with. */
export interface BenchContext {
  /** Shorter and coarser: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Names of the cases asked for, in the order given; empty: all. Each is one of `Bench.cases`. */
  readonly only: readonly string[];
  /** Of `Bench.peers`, those that are on this machine. */
  readonly peers: ReadonlySet<string>;
  /** Writes one or more lines of the report that people read. */
  readonly print: (text: string) => void;
}

/** What came of it, for `--json`, the report page and the exit status. */
export interface BenchReport {
  /** Everything measured, as JSON has it; units stand in the names. */
  readonly figures: unknown;
  /** What the report page shows: one bar chart each. */
  readonly measurements?: readonly Measurement[];
  /** What the report page shows as lines: a cost as something grows, percentiles of a latency. */
  readonly curves?: readonly Curves[];
  /** Something did not work, such as a failed request: exit status 1. One sentence each. */
  readonly failures: readonly string[];
  /** Bars of speed or memory that were not reached: said, but no failure. One sentence each. */
  readonly missed: readonly string[];
  /** What could not take part and why, such as a peer that is not installed. One sentence each. */
  readonly leftOut?: readonly string[];
}

/** One quantity, measured for several contenders under equal conditions. */
export interface Measurement {
  readonly title: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  /** The contender that the others are compared with. */
  readonly baseline?: string;
  /** The ratio to the baseline that Portolan should reach (`more`) or not exceed (`less`). */
  readonly bar?: number;
  readonly contenders: readonly MeasuredContender[];
}

export interface MeasuredContender {
  readonly name: string;
  /** Of all runs; with a single one the three are equal. */
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
}

export interface Curves {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

/** One benchmark: `bench/NAME/index.ts` exports it as `bench`. */
export interface Bench {
  readonly name: string;
  /** One line for the list of benchmarks. */
  readonly summary: string;
  /** What can be asked for alone: `npm run bench -- NAME CASE ...`. Undefined: only the whole. */
  readonly cases?: readonly string[];
  /** Programs without which it cannot run, such as the load generator. */
  readonly requires?: readonly string[];
  /** Programs that it compares with; one that is missing is left out. */
  readonly peers?: readonly string[];
  /** Another benchmark that runs all of this one's cases, too: `all` leaves it to that one. */
  readonly partOf?: string;
  run(context: BenchContext): Promise<BenchReport>;
}
