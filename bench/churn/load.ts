import type { EventEmitter } from 'node:events';
import autocannon from 'autocannon';

/** A request that got no answer, or a bad one. */
export interface FailedRequest {
  /** `performance.now()` when it was known. */
  readonly atMs: number;
  readonly reason: string;
}

export interface LoadOptions {
  readonly url: string;
  readonly host: string;
  readonly connections: number;
  /** A connection is closed and opened anew after this many requests; undefined: never. */
  readonly reconnectAfter?: number;
}

/** Far beyond any benchmark: `stop` ends it. */
const foreverSec = 600;
/** A request that takes longer has failed. */
const timeoutSec = 2;
/** Still unanswered after this long when the run ends: would have failed. Answers take 10 ms. */
const overdueMs = 1_000;

/** An autocannon run that can be stopped at any time, with every failed request and its moment. */
export class Load {
  readonly failed: FailedRequest[] = [];
  /** Requests that were answered with 200. */
  succeeded: number = 0;
  /** When the request under way on each connection began. */
  readonly #open = new Map<EventEmitter, number>();
  readonly #instance: autocannon.Instance;

  constructor({ url, host, connections, reconnectAfter }: LoadOptions) {
    this.#instance = autocannon(
      {
        url,
        headers: { host },
        // For https: the name that the certificate is chosen by.
        servername: host,
        connections,
        duration: foreverSec,
        timeout: timeoutSec,
        setupClient: (client) => this.#watch(client),
        ...(reconnectAfter !== undefined && { reconnectRate: reconnectAfter }),
      },
      () => {},
    );
  }

  /** Cuts what is under way; that is no failure, unless it hung. */
  stop(): void {
    this.#instance.stop();
    const now = performance.now();
    for (const startedMs of this.#open.values()) {
      if (now - startedMs > overdueMs) this.failed.push({ atMs: now, reason: 'hung at the end' });
    }
    this.#open.clear();
  }

  /**
   * autocannon itself does not count a request whose connection the other side closed without an
   * answer: it connects again and sends the next. So each connection is watched: a request that
   * starts while one is open means that the open one was lost.
   */
  #watch(client: EventEmitter): void {
    const fail = (reason: string): void => {
      if (this.#open.delete(client)) this.failed.push({ atMs: performance.now(), reason });
    };
    client.on('request', () => {
      fail('closed without an answer');
      this.#open.set(client, performance.now());
    });
    client.on('headers', ({ statusCode }: { statusCode?: number }) => {
      if (statusCode !== 200) return fail(`status ${statusCode}`);
      this.succeeded += 1;
      this.#open.delete(client);
    });
    client.on('connError', (error: Error) => fail(error.message));
    client.on('timeout', () => fail(`no answer in ${timeoutSec} s`));
  }
}
