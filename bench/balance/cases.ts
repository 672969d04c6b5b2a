/** One table of hits: an algorithm over three endpoints. */
export interface BalanceCase {
  /** Also the Service's name. */
  readonly name: string;
  readonly algorithm: string;
  readonly weights: readonly number[];
  readonly delaysMs: readonly number[];
  /** Shares that the algorithm aims for; they need not add up to 1. */
  readonly expected: readonly number[];
  /**
   * How far a share may be off, in percentage points, before it is a failure. A draw of 10 000
   * has a standard deviation of at most half a point, so that three points are six of those.
   * Undefined where shares follow from how busy endpoints are, which the machine has a say in.
   */
  readonly tolerancePoints: number | undefined;
}

const weights = [5, 3, 2] as const;
const equal = [1, 1, 1] as const;
/** Long enough to be under way together with others, as real work is. */
const delaysMs = [20, 20, 20] as const;

export const balanceCases: readonly BalanceCase[] = [
  {
    name: 'random',
    algorithm: 'random',
    weights,
    delaysMs,
    expected: weights,
    tolerancePoints: 3,
  },
  {
    // Heeds weight 0 alone.
    name: 'round-robin',
    algorithm: 'round-robin',
    weights,
    delaysMs,
    expected: equal,
    tolerancePoints: 0.1,
  },
  {
    name: 'weighted',
    algorithm: 'weighted',
    weights,
    delaysMs,
    expected: weights,
    tolerancePoints: 0.1,
  },
  {
    name: 'ip-hash',
    algorithm: 'ip_hash',
    weights,
    delaysMs,
    expected: weights,
    tolerancePoints: 3,
  },
  {
    name: 'least-conn',
    algorithm: 'least-conn',
    weights,
    delaysMs,
    expected: weights,
    tolerancePoints: undefined,
  },
  {
    name: 'p2c',
    algorithm: 'p2c',
    weights,
    delaysMs,
    expected: weights,
    tolerancePoints: undefined,
  },
  {
    // As many connections under way on each means a tenth of the hits for one ten times slower.
    name: 'least-conn-slow',
    algorithm: 'least-conn',
    weights: equal,
    delaysMs: [20, 20, 200],
    expected: [10, 10, 1],
    tolerancePoints: undefined,
  },
  {
    name: 'round-robin-slow',
    algorithm: 'round-robin',
    weights: equal,
    delaysMs: [20, 20, 200],
    expected: equal,
    tolerancePoints: 0.1,
  },
];
