/** What must have happened before the daemon says that it serves. */
export class Readiness {
  readonly #missing = new Map<string, string>();
  readonly #settled = Promise.withResolvers<void>();
  #draining = false;

  /** Adds something to wait for; `description` says what is still going on. */
  expect(step: string, description: string): void {
    this.#missing.set(step, description);
  }

  done(step: string): void {
    this.#missing.delete(step);
    if (this.#missing.size === 0) this.#settled.resolve();
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

  /** A step can never be done: waiting for it ends with this error. */
  fail(error: Error): void {
    this.#settled.reject(error);
  }

  /** Resolves when nothing is missing any more. */
  async whenReady(): Promise<void> {
    await this.#settled.promise;
  }
}
