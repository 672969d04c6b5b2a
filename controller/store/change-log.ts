import type { KubeObject } from '../objects/index.ts';
import type { ObjectType } from './object-store.ts';

/** One write, as the log keeps it for watchers. */
export interface Change {
  readonly version: number;
  readonly kind: ObjectType;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** For DELETED the last state, under the version of the deletion. */
  readonly object: KubeObject;
  /** What was there before; undefined for ADDED. */
  readonly previous: KubeObject | undefined;
}

/** The newest changes, in order, for watchers to catch up from. */
export class ChangeLog {
  readonly #limit: number;
  #changes: Change[] = [];
  /** Position, over the whole life of the log, of `#changes[0]`. */
  #start = 0;
  /** Everything after this version is still here. */
  #completeAfter: number;

  constructor(limit: number, version: number) {
    this.#limit = limit;
    this.#completeAfter = version;
  }

  /** The position after the newest change. */
  get end(): number {
    return this.#start + this.#changes.length;
  }

  append(change: Change): void {
    this.#changes.push(change);
  }

  /** The changes from a position on; none that a reader still needs may have been trimmed. */
  from(position: number): readonly Change[] {
    return position >= this.end ? [] : this.#changes.slice(position - this.#start);
  }

  /** The position of the first change after `version`; undefined if it is no longer kept. */
  positionAfter(version: number): number | undefined {
    if (version < this.#completeAfter) return undefined;
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#changes[middle]?.version ?? Infinity) <= version) low = middle + 1;
      else high = middle;
    }
    return this.#start + low;
  }

  /**
   * Forgets all but the newest. Called when every reader has caught up. Cuts once per `limit`
   * changes, so that its cost spread over the writes is constant; up to twice the limit is held.
   */
  trim(): void {
    if (this.#changes.length <= 2 * this.#limit) return;
    const dropped = this.#changes.length - this.#limit;
    this.#completeAfter = this.#changes[dropped - 1]?.version ?? this.#completeAfter;
    this.#changes = this.#changes.slice(dropped);
    this.#start += dropped;
  }
}
