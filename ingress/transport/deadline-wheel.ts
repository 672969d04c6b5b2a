import type { Clock } from '../../controller/base/index.ts';

/** How late a deadline may be noticed. */
const tickMs = 100;

/** Told when its deadline passed. */
export interface Expirable {
  expired(): void;
}

/** One deadline, made once per owner and set again and again. */
export class Deadline {
  readonly owner: Expirable;
  atMs = 0;
  next: Deadline | undefined = undefined;
  previous: Deadline | undefined = undefined;
  list: DeadlineList | undefined = undefined;

  constructor(owner: Expirable) {
    this.owner = owner;
  }
}

/** Deadlines of one duration: set in order, so they also pass in order. */
class DeadlineList {
  first: Deadline | undefined = undefined;
  last: Deadline | undefined = undefined;
}

/**
 * All deadlines of an engine on one timer. Setting and clearing cost a few assignments, whatever
 * the number of connections; each tick looks at those that have passed, and one more per duration.
 */
export class DeadlineWheel implements Disposable {
  /** Monotonic milliseconds as of the last tick or the last turn from idle: coarse, and free. */
  nowMs: number;
  readonly #clock: Clock;
  readonly #lists = new Map<number, DeadlineList>();
  #timer: Disposable | undefined = undefined;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.nowMs = clock.nowMs();
  }

  /** `durationMs` from now, in place of what was set before. */
  set(deadline: Deadline, durationMs: number): void {
    this.clear(deadline);
    if (this.#timer === undefined) this.#start();
    const list = this.#listOf(durationMs);
    deadline.atMs = this.nowMs + durationMs;
    deadline.list = list;
    deadline.previous = list.last;
    if (list.last) list.last.next = deadline;
    else list.first = deadline;
    list.last = deadline;
    this.#count += 1;
  }

  clear(deadline: Deadline): void {
    const { list, next, previous } = deadline;
    if (!list) return;
    if (previous) previous.next = next;
    else list.first = next;
    if (next) next.previous = previous;
    else list.last = previous;
    deadline.list = undefined;
    deadline.next = undefined;
    deadline.previous = undefined;
    this.#count -= 1;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #listOf(durationMs: number): DeadlineList {
    const known = this.#lists.get(durationMs);
    if (known) return known;
    // Durations come from the configuration, so there are a handful.
    const list = new DeadlineList();
    this.#lists.set(durationMs, list);
    return list;
  }

  #start(): void {
    this.nowMs = this.#clock.nowMs();
    this.#timer = this.#clock.schedule(tickMs, () => this.#tick());
  }

  #tick(): void {
    this.#timer = undefined;
    if (this.#count > 0) this.#start();
    else this.nowMs = this.#clock.nowMs();
    for (const list of this.#lists.values()) {
      for (;;) {
        const { first } = list;
        if (!first || first.atMs > this.nowMs) break;
        this.clear(first);
        first.owner.expired();
      }
    }
  }
}
