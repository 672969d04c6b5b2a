import type { Problem } from './problem.ts';

/** A table that a compiler made. Immutable; each change makes the next generation. */
export interface Generational {
  /** Grows by one with each change of this table. */
  readonly generation: number;
}

/** What one `apply` left to say. An address that could not be bound is a problem, not an error. */
export interface ApplyReport {
  readonly generation: number;
  /** Everything wrong with the table as it is in force now, not only what this call met. */
  readonly problems: readonly Problem[];
}

/**
 * Makes the world match a table: sockets, rules, answers. Knows nothing of YAML, objects or the
 * store. Disposing stops at once; `drain` first for a gentle end.
 */
export interface Plane<Table extends Generational, Diff> extends AsyncDisposable {
  readonly name: string;
  /**
   * Makes the node match `next`. `diff` says what changed since the table applied last (absent:
   * find out); the cost follows the diff, and the same table twice changes nothing. Calls never
   * overlap: the caller waits for one before it makes the next.
   * @throws DataPlaneError when nothing could be applied; the last table stays in force then
   */
  apply(next: Table, diff: Diff | undefined): Promise<ApplyReport>;
  /** Takes no new work, ends what is under way, cuts off what is left after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void>;
  /** Where it listens now, for the ready line. */
  addresses(): readonly ListenAddress[];
}

/** One listening socket that a user may want to connect to. */
export interface ListenAddress {
  /** `http`, `https`, `dns`, `dns-tcp`, `admin` … */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}
