import { type Clock, describeError, type Log, type Problem } from '../../base/index.ts';
import { EventCorrelator, eventOfProblem, eventTime } from '../../cluster/index.ts';
import { type Kind, kinds } from '../../objects/index.ts';
import type { Store } from '../../store/index.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';

export interface EventRecorderOptions {
  readonly client: ApiClient;
  /** Knows the objects that Events are about. */
  readonly store: Pick<Store, 'get'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Stands in the Events as where they come from. */
  readonly nodeName: string;
}

/** Waiting to be sent; beyond, new ones are dropped: Events are a courtesy. */
const longestQueue = 200;

/**
 * Tells of problems with objects of the cluster as Events (core/v1) there, where `kubectl describe`
 * shows them. One that comes again counts on. What cannot be sent is dropped.
 */
export class EventRecorder implements AsyncDisposable {
  readonly #options: EventRecorderOptions;
  readonly #correlator = new EventCorrelator();
  readonly #queue: Problem[] = [];
  #sending: Promise<void> | undefined;
  #isDisposed = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(problem: Problem): void {
    if (!problem.object || this.#isDisposed || this.#queue.length >= longestQueue) return;
    this.#queue.push(problem);
    this.#sending ??= this.#send();
  }

  /** Resolves when everything recorded so far was sent, or dropped. */
  async idle(): Promise<void> {
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    this.#queue.length = 0;
    await this.#sending;
  }

  async #send(): Promise<void> {
    await Promise.resolve();
    for (let problem = this.#queue.shift(); problem; problem = this.#queue.shift()) {
      try {
        await this.#sendOne(problem);
      } catch (error) {
        this.#options.log.debug({ error: describeError(error) }, 'an Event was not recorded');
      }
    }
    this.#sending = undefined;
  }

  async #sendOne(problem: Problem): Promise<void> {
    const { client, clock, store, nodeName } = this.#options;
    const { kind = '', namespace = '', name = '' } = problem.object ?? {};
    if (!Object.hasOwn(kinds, kind)) return;
    const found = store.get<Kind>(kind as Kind, namespace, name);
    if (!found) return;
    const correlated = this.#correlator.correlate(problem, clock.nowMs());
    if (correlated.kind === 'dropped') return;
    const time = eventTime(clock.wallMs());
    const event = eventOfProblem(problem, found, correlated, { nodeName, time });
    const collection = `/api/v1/namespaces/${event.metadata.namespace}/events`;
    if (correlated.kind === 'again') {
      const { count } = correlated;
      const { message, lastTimestamp } = event;
      const path = `${collection}/${event.metadata.name}`;
      if (await this.#patch(path, { count, message, lastTimestamp })) return;
    }
    await client.call({ method: 'POST', path: collection, body: event });
  }

  /** False when it is not there any more: Events live for an hour. */
  async #patch(path: string, body: object): Promise<boolean> {
    try {
      const contentType = 'application/merge-patch+json';
      await this.#options.client.call({ method: 'PATCH', path, contentType, body });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }
}
