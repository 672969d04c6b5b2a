/**
 * Counts that limits compare with, asked once for each request. Answers are promises only where
 * somebody else has to be asked for them.
 */
export interface LimitStore {
  /**
   * Takes one token out of a bucket. False: it is empty. `intervalMs`: in which one token comes
   * back. `burst`: how many tokens it holds beyond the one.
   */
  take(key: string, intervalMs: number, burst: number): boolean | Promise<boolean>;
  /** One more of what is under way, unless there are `most`: false then. */
  enter(key: string, most: number): boolean | Promise<boolean>;
  /** One less; exactly once for each `enter` that was granted. */
  leave(key: string): void;
}
