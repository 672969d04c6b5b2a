/** Runs at most `limit` jobs at a time; the others wait in the order in which they came. */
export class Lane {
  readonly #limit: number;
  readonly #waiting = new Set<() => Promise<void>>();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `job`, which must not reject, now or when its turn comes. Disposing takes it out of the queue. */
  enter(job: () => Promise<void>): Disposable {
    this.#waiting.add(job);
    this.#advance();
    return { [Symbol.dispose]: () => void this.#waiting.delete(job) };
  }

  #advance(): void {
    for (const job of this.#waiting) {
      if (this.#running >= this.#limit) return;
      this.#waiting.delete(job);
      this.#running += 1;
      void job().finally(() => {
        this.#running -= 1;
        this.#advance();
      });
    }
  }
}
