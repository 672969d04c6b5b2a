import { type Clock, type Random, sleep } from '../../base/index.ts';
import { type EtcdClient, EtcdError } from './etcd-client.ts';
import type { Keys } from './keys.ts';
import {
  encode,
  type KeyValue,
  prefixEnd,
  type RangeResponse,
  type WatchResponse,
} from './messages.ts';

/** Where the feed puts what it hears. */
export interface FeedSink {
  /** These, at this revision, are all. */
  replace(pairs: readonly KeyValue[], revision: number): void;
  /** What one revision, or several, changed, in order. */
  change(events: NonNullable<WatchResponse['events']>): void;
  /** `undefined`: heard. What was put stays meanwhile. */
  failed(error: EtcdError | undefined): void;
  /** How far the view is. */
  revision(): number;
}

export interface FeedOptions {
  readonly client: EtcdClient;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: FeedSink;
}

const pageSize = 1000;
/** How often the mark is looked at: a watch may be silent because nothing happens, or dead. */
const lookIntervalMs = 2_000;
const firstRetryMs = 50;
const longestRetryMs = 3_000;

/**
 * Keeps a copy of everything under a prefix: a list at one revision, then a watch from the next,
 * resumed where it broke, on another member if need be; a new list only when that revision has been
 * compacted away. A watch that has fallen behind the mark is given up: the member may be cut off.
 */
export class Feed implements AsyncDisposable {
  readonly #options: FeedOptions;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #mustList = true;
  #retryMs = firstRetryMs;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { client, clock, random, sink } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#mustList) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        sink.failed(error instanceof EtcdError ? error : new EtcdError(String(error), true));
      }
      client.rotate();
      const delayMs = this.#retryMs * (0.5 + random() / 2);
      this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
      await sleep(clock, delayMs, this.#stop.signal);
    }
  }

  async #list(): Promise<void> {
    const { client, keys, sink } = this.#options;
    const end = prefixEnd(keys.objects);
    const pairs: KeyValue[] = [];
    let key = encode(keys.objects);
    let revision: string | undefined;
    for (;;) {
      const page = (await client.call('/v3/kv/range', {
        key,
        range_end: end,
        limit: String(pageSize),
        ...(revision !== undefined && { revision }),
      })) as RangeResponse;
      revision ??= page.header.revision ?? '0';
      const found = page.kvs ?? [];
      for (const pair of found) pairs.push(pair);
      const last = found.at(-1);
      if (!page.more || !last) break;
      // The next key in order is this one with a byte more.
      key = Buffer.concat([Buffer.from(last.key, 'base64'), Buffer.of(0)]).toString('base64');
    }
    sink.replace(pairs, Number(revision));
    this.#mustList = false;
  }

  async #watch(): Promise<void> {
    const { client, keys, sink } = this.#options;
    const broken = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, broken.signal]);
    const stream = client.stream(
      '/v3/watch',
      {
        create_request: {
          key: encode(keys.objects),
          range_end: prefixEnd(keys.objects),
          start_revision: String(sink.revision() + 1),
        },
      },
      signal,
    );
    const looking = this.#look(broken);
    let failure: unknown;
    try {
      for await (const message of stream) this.#take(message as WatchResponse);
      failure = new EtcdError(`${client.endpoint} ended the watch`, true);
    } catch (error) {
      failure = error;
    }
    broken.abort();
    // Why it was given up says more than that it was.
    throw (await looking) ?? failure;
  }

  #take({ created, canceled, compact_revision, events }: WatchResponse): void {
    if (canceled) {
      this.#mustList ||= compact_revision !== undefined;
      throw new EtcdError('the watch was canceled', false);
    }
    if (created) {
      this.#options.sink.failed(undefined);
      this.#retryMs = firstRetryMs;
    }
    if (events && events.length > 0) this.#options.sink.change(events);
  }

  /** Gives the watch up, with the reason, when the mark cannot be read or is not reached. */
  async #look(broken: AbortController): Promise<EtcdError | undefined> {
    const { client, keys, clock, sink } = this.#options;
    const { signal } = broken;
    let wantedBefore = 0;
    for (;;) {
      await sleep(clock, lookIntervalMs, AbortSignal.any([signal, this.#stop.signal]));
      if (signal.aborted || this.#stop.signal.aborted) return undefined;
      try {
        const wanted = await readMark(client, keys);
        // A whole interval was enough for what the look before saw.
        if (sink.revision() < wantedBefore) {
          throw new EtcdError(`${client.endpoint} sends no changes`, true);
        }
        wantedBefore = wanted;
      } catch (error) {
        broken.abort();
        return error instanceof EtcdError ? error : new EtcdError(String(error), true);
      }
    }
  }
}

/** The revision of the last change, as a majority of the members knows it. @throws EtcdError */
export async function readMark(client: EtcdClient, keys: Keys): Promise<number> {
  const range = { key: encode(keys.mark) };
  const { kvs } = (await client.call('/v3/kv/range', range)) as RangeResponse;
  return Number(kvs?.[0]?.mod_revision ?? 0);
}
