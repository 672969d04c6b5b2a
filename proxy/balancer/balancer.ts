/** How one of several endpoints is chosen. */
export type Algorithm =
  | 'random'
  | 'round-robin'
  | 'weighted'
  | 'ip_hash'
  | 'least-conn'
  | 'p2c'
  | 'ewma';

/** What a balancer needs of an endpoint. */
export interface Target {
  /** Names the endpoint over table changes: `address:port`, IPv6 in brackets. */
  readonly id: string;
  /**
   * Non-negative integer share. 0 is never picked while another is above 0; if all are 0, all
   * count as equal. `round-robin` heeds 0 alone, every other algorithm the whole number.
   */
  readonly weight: number;
}

/** One choice to make. */
export interface Pick {
  /** Source address in canonical text; what `ip_hash` hashes. */
  readonly clientIP: string;
  /** Not these again: they failed for this connection or request. */
  readonly exclude?: ReadonlySet<string>;
}

/**
 * Chooses endpoints. Not shared between threads; holds only what its algorithm needs.
 * `pick` must be O(1) or O(targets) without allocation: it runs per connection or request.
 */
export interface Balancer<T extends Target> {
  readonly algorithm: Algorithm;
  /** The targets from now on. Counts and positions of those that stay are kept. */
  update(targets: readonly T[]): void;
  /**
   * Undefined when there is no target, or every one that could be chosen is excluded: a target
   * of weight 0 stays unpicked even then, as it is being drained.
   */
  pick(pick: Pick): T | undefined;
  /** A connection or request to this target began; `least-conn` and `p2c` count. */
  started(id: string): void;
  /** …and ended. Exactly once for each `started`, also for targets removed meanwhile. */
  ended(id: string): void;
  /**
   * A request to this target got the head of its response. Only from those who measure it;
   * `nowMs` is monotonic.
   */
  answered?(id: string, latencyMs: number, nowMs: number): void;
}
