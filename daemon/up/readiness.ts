/** What must have happened before the daemon says that it serves. */
export class Readiness {
  readonly #missing = new Map<string, string>();
  #waiting: (() => void)[] = [];
  #draining = false;

  /** Adds something to wait for; `description` says what is still going on. */
  expect(step: string, description: string): void {
    this.#missing.set(step, description);
  }

  done(step: string): void {
    this.#missing.delete(step);
    if (this.#missing.size > 0) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
  }

  /** From now on not ready, for good: load balancers look elsewhere. */
  drain(): void {
    this.#draining = true;
  }

  get ready(): boolean {
    return !this.#draining && this.#missing.size === 0;
  }

  /** One line a step, as Kubernetes' own verbose probes have it. */
  describe(): string {
    if (this.#draining) return 'draining\n';
    if (this.ready) return 'ok\n';
    return [...this.#missing.values()].map((text) => `waiting for ${text}\n`).join('');
  }

  /** Resolves when nothing is missing. */
  async whenReady(): Promise<void> {
    if (this.#missing.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
