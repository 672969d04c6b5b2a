/** What a request adds: one retry for five requests, as Finagle and Linkerd have it. */
const depositPerRequest = 0.2;
/** Retries that may come at once: enough for pools with little traffic, bounded for the others. */
const maxTokens = 100;
const firstTokens = 10;

/**
 * Keeps retries a share of the requests: when all endpoints fail, trying again everywhere would
 * multiply the load that they fail under.
 */
export class RetryBudget {
  #tokens = firstTokens;

  /** A request began. */
  deposit(): void {
    this.#tokens = Math.min(maxTokens, this.#tokens + depositPerRequest);
  }

  /** Whether one may be sent again, which then counts. */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
