import { type Clock, type Random, sleep } from '../../base/index.ts';
import { type AnyObject, kinds } from '../../objects/index.ts';
import type { ApiClient, Query } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { collectionPath, type FollowedKind } from './followed-kinds.ts';
import { keepNeeded, type RawObject } from './kept-fields.ts';
import { type RawEvent, readEvent, readPage } from './watch-event.ts';

/** Where a reflector puts what it hears. */
export interface ReflectorSink {
  /** These, and no others, are all there is of the kind. */
  replace(objects: readonly AnyObject[]): void;
  upsert(object: AnyObject): void;
  remove(object: AnyObject): void;
  /** `undefined`: all is well again. What was put stays in force meanwhile. */
  failed(error: ApiError | undefined): void;
}

export interface ReflectorOptions {
  readonly followed: FollowedKind;
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: ReflectorSink;
}

/** As client-go: small enough for any server, large enough that ten thousand take twenty pages. */
const pageSize = 500;
/** The server ends a watch after a time between these, so that not all come back at once. */
const shortestWatchSec = 300;
const longestWatchSec = 600;
/** A watch that ends sooner, without a word, is a failure, not an end. */
const veryShortWatchMs = 1000;
/** How often to look whether the definition of an optional kind has come. */
const absentKindRetryMs = 30_000;

/**
 * Keeps a copy of all objects of one kind, as client-go's reflector does: a list in pages, then a
 * watch from its version, resumed where it broke; a new list only when that version is gone. While
 * nothing answers, the copy stays as it is.
 */
export class Reflector implements AsyncDisposable {
  readonly #options: ReflectorOptions;
  readonly #stop = new AbortController();
  readonly #backoff: Backoff;
  readonly #running: Promise<void>;
  /** Up to where the copy is known to be right; undefined: a list is needed. */
  #version: string | undefined;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.random);
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { sink, clock } = this.#options;
    while (!this.#stop.signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        const failure = asApiError(error);
        if (failure.isGone) this.#version = undefined;
        if (this.#isAbsent(failure)) {
          sink.replace([]);
          sink.failed(undefined);
          this.#version = undefined;
          await this.#wait(absentKindRetryMs);
          continue;
        }
        // A version that is gone costs a list, and is no fault.
        if (!failure.isGone) sink.failed(failure);
        await this.#wait(this.#backoff.afterFailure(clock.nowMs()));
      }
    }
  }

  /** The kind is not served: its definition is not installed. */
  #isAbsent({ status }: ApiError): boolean {
    return this.#options.followed.optional === true && status === 404;
  }

  async #list(): Promise<void> {
    const { sink } = this.#options;
    let found: { objects: AnyObject[]; version: string };
    try {
      found = await this.#listPages(pageSize);
    } catch (error) {
      // The list took longer than the server remembers: at once, or it never ends.
      if (!(error instanceof ApiError) || !error.isGone) throw error;
      found = await this.#listPages(undefined);
    }
    sink.replace(found.objects);
    this.#version = found.version;
  }

  async #listPages(limit: number | undefined): Promise<{ objects: AnyObject[]; version: string }> {
    const objects: AnyObject[] = [];
    let next: string | undefined;
    for (;;) {
      const page = readPage(await this.#get({ limit, continue: next }));
      // Kept page by page: the whole of all objects is never in memory.
      for (const item of page.items) objects.push(this.#keep(item));
      if (page.next === undefined) return { objects, version: page.resourceVersion };
      next = page.next;
    }
  }

  async #watch(): Promise<void> {
    const { client, clock, random, sink, followed } = this.#options;
    const startedMs = clock.nowMs();
    let heard = false;
    const timeoutSeconds = Math.round(
      shortestWatchSec + random() * (longestWatchSec - shortestWatchSec),
    );
    const events = client.watch({
      path: collectionPath(followed.kind),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: this.#version,
        fieldSelector: followed.fieldSelector,
        timeoutSeconds,
      },
      signal: this.#stop.signal,
      onOpen: () => sink.failed(undefined),
    });
    for await (const line of events) {
      heard = true;
      this.#take(readEvent(line));
    }
    if (!heard && clock.nowMs() - startedMs < veryShortWatchMs) {
      throw new ApiError('WatchEnded', 0, 'the API ended a watch at once');
    }
  }

  #take(event: RawEvent): void {
    const { sink } = this.#options;
    if (event.type === 'BOOKMARK') {
      this.#version = event.resourceVersion;
      return;
    }
    const object = this.#keep(event.object);
    if (event.type === 'DELETED') sink.remove(object);
    else sink.upsert(object);
    this.#version = object.metadata.resourceVersion;
  }

  async #get(query: Query): Promise<unknown> {
    const { client, followed } = this.#options;
    const { fieldSelector, kind } = followed;
    return await client.call({
      path: collectionPath(kind),
      query: { ...query, fieldSelector },
      signal: this.#stop.signal,
    });
  }

  #keep(raw: RawObject): AnyObject {
    const { kind } = this.#options.followed;
    return keepNeeded(kind, kinds[kind].apiVersion, raw);
  }

  async #wait(delayMs: number): Promise<void> {
    await sleep(this.#options.clock, delayMs, this.#stop.signal);
  }
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('Failed', 0, String(error), { cause: error });
}
